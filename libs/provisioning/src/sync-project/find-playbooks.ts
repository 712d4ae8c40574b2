import { parseDocument } from 'yaml';

/** Folders whose YAML is never a playbook of its own. */
const PARTS =
  /(^|\/)(roles|tasks|handlers|vars|defaults|meta|group_vars|host_vars|collections|\.[^/]+)\//;

/** The longest path that is taken for a playbook, characters. */
const LONGEST_PATH = 120;

/** Paths of the playbooks in a project: YAML lists of plays that are no parts of others, in order. */
export function findPlaybooks(files: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(files)
    .filter(([path]) => /\.ya?ml$/.test(path) && !PARTS.test(path) && path.length <= LONGEST_PATH)
    .filter(([, content]) => holdsPlays(content))
    .map(([path]) => path)
    .sort();
}

function holdsPlays(content: string): boolean {
  const document = parseDocument(content);
  const isReadable = document.errors.length === 0 && !/[&*][\w-]+/.test(content);
  // A file with aliases or a mistake is judged by its look alone.
  const plays: unknown = isReadable ? document.toJS() : undefined;
  return plays === undefined
    ? /^-\s+(hosts|import_playbook|ansible\.builtin\.import_playbook):/m.test(content)
    : Array.isArray(plays) && plays.length > 0 && plays.every(isPlay);
}

function isPlay(play: unknown): boolean {
  return (
    typeof play === 'object' &&
    play !== null &&
    ['hosts', 'import_playbook', 'ansible.builtin.import_playbook'].some((key) => key in play)
  );
}
