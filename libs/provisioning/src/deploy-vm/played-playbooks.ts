import type { PlayedPlaybook } from '@diaken/contracts';
import * as z from 'zod';

/** The part of `PlayNotes` that tells which playbooks of the library were played. */
const Notes = z.object({
  plays: z
    .record(
      z.string(),
      z.object({
        playbook: z.string().optional(),
        version: z.number().optional(),
        commit: z.string().optional(),
      }),
    )
    .default({}),
});

/** The playbooks of the library that the steps of a run have begun, in their order, each with its version. */
export function playedPlaybooks(
  steps: readonly { readonly notes: unknown }[],
): readonly PlayedPlaybook[] {
  return steps.flatMap(({ notes }) =>
    Object.entries(Notes.safeParse(notes).data?.plays ?? {})
      .map(([play, record]) => ({ ...partsOf(play), ...record }))
      .flatMap(({ number, id, playbook, version, commit = null }) =>
        playbook === undefined || version === undefined
          ? []
          : [{ number, played: { id, name: playbook, version, commit } }],
      )
      .sort((one, other) => one.number - other.number)
      .map(({ played }) => played),
  );
}

/** A play of the library is called after its place and its playbook: `1.<id>`. */
function partsOf(play: string): { readonly number: number; readonly id: string } {
  const dot = play.indexOf('.');
  return { number: Number(play.slice(0, dot)), id: play.slice(dot + 1) };
}
