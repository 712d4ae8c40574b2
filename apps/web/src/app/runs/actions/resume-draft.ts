import { ExtraVars, ResumeRequest, type RunView } from '@diaken/contracts';
import * as z from 'zod';

/** What is filled in before a run is resumed; variables as the text that is typed. */
export interface ResumeDraft {
  readonly credentialId: string;
  readonly playbookIds: readonly string[];
  readonly extraVars: string;
}

type Request = Pick<RunView, 'request'>;

/** The text of the variables; what is wrong with it is said in words. */
const ExtraVarsText = z
  .string()
  .transform((text, context): unknown => {
    try {
      return text.trim() === '' ? {} : JSON.parse(text);
    } catch (error) {
      // Not JSON yet: the message says where.
      const message = `This is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  })
  .pipe(ExtraVars);

/** What the run was asked with, to begin from. */
export function draftOf(run: Request): ResumeDraft {
  const { credentialId = '', playbookIds = [], extraVars = {} } = inputsOf(run);
  const isEmpty = Object.keys(extraVars).length === 0;
  return {
    credentialId,
    playbookIds,
    extraVars: isEmpty ? '' : JSON.stringify(extraVars, null, 2),
  };
}

/** The first mistake in the variables; undefined when there is none. */
export function mistakeInExtraVars(text: string): string | undefined {
  const [issue] = ExtraVarsText.safeParse(text).error?.issues ?? [];
  if (!issue) {
    return undefined;
  }
  const path = issue.path.join('.');
  // A wrong name is told as an issue of its record.
  const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
  return `${path === '' ? '' : `${path}: `}${(inner ?? issue).message}`;
}

/** Only what may be changed and was changed. Throws when the draft is not valid. */
export function editsOf(
  draft: ResumeDraft,
  run: Pick<RunView, 'request' | 'editable'>,
): ResumeRequest {
  const before: Record<string, unknown> = {
    ...{ credentialId: '', playbookIds: [], extraVars: {} },
    ...inputsOf(run),
  };
  const now = { ...draft, extraVars: ExtraVarsText.parse(draft.extraVars) };
  const changed = Object.entries(now).filter(
    ([field, value]) =>
      run.editable.includes(field) && JSON.stringify(value) !== JSON.stringify(before[field]),
  );
  return ResumeRequest.parse(Object.fromEntries(changed));
}

/** Other kinds of runs have other requests: what is not there is left out. */
function inputsOf({ request }: Request): ResumeRequest {
  return ResumeRequest.strip().safeParse(request).data ?? {};
}
