import type { SyntaxVerdict } from '@diaken/provisioning';
import * as z from 'zod';

/** The longest complaint that is kept, characters. */
const LONGEST_MESSAGE = 2_000;

/** What Ansible cannot know before a run: variables that only a run has, and what our guard keeps it from looking up. */
const ONLY_A_RUN_KNOWS = /is undefined|undefined variable|a syntax check (carries|may not|calls)/;

const Complaint = z.object({ message: z.string(), line: z.number().int().nullable() });

export const FINE: SyntaxVerdict = { verdict: 'ok', message: null, line: null };

export function refused(message: string, line: number | null): SyntaxVerdict {
  return { verdict: 'refused', message: shortened(message), line };
}

export function unchecked(message: string, line: number | null = null): SyntaxVerdict {
  return { verdict: 'unchecked', message: shortened(message), line };
}

/** What `ansible-playbook --syntax-check` complains about; `folder` is not told. */
export function ansibleComplaint(stderr: string, folder: string): SyntaxVerdict {
  const text = stderr.replace(/\u001B\[[\d;]*m/g, '').replaceAll(`${folder}/`, '');
  const said = /^(?:ERROR!|ERROR:|\[ERROR\]:)\s*([\s\S]*)/m.exec(text)?.[1] ?? text;
  const place = /line (\d+), column|^Origin: .*?:(\d+)(?::\d+)?$/m.exec(text);
  const line = place ? Number(place[1] ?? place[2]) : null;
  const message = said.split(/\n\s*\n|\nThe error appears|\nOrigin:/)[0] ?? '';
  return ONLY_A_RUN_KNOWS.test(message)
    ? unchecked(
        `Checked as far as that is possible without a run. Ansible stopped: ${message}`,
        line,
      )
    : refused(message, line);
}

/** What a shell's `-n` complains about: `file: 3: …` (dash) or `file: line 3: …` (bash). */
export function shellComplaint(stderr: string): SyntaxVerdict {
  const [first = ''] = stderr.split('\n');
  const [, line, message] = /^.*?: (?:line )?(\d+): (.*)$/.exec(first) ?? [];
  return refused(message ?? first, line === undefined ? null : Number(line));
}

/** What one of our own checkers prints: nothing, or a message and a line as JSON. */
export function printedComplaint(out: string): SyntaxVerdict {
  if (out.trim() === '') {
    return FINE;
  }
  const { message, line } = Complaint.parse(JSON.parse(out));
  return refused(message, line);
}

function shortened(message: string): string {
  const text = message.trim();
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)} …` : text;
}
