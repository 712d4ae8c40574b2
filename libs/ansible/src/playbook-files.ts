import type { PlaybookText } from '@diaken/provisioning';

/** Folder of a play's playbook and of what lies around it, within the folder of its execution. */
const FOLDER = 'playbook';

/** The files of a playbook, and where it is itself; paths are relative to the folder of its execution. */
export function filesOf({ name, content, path = fileName(name), files = {} }: PlaybookText): {
  readonly path: string;
  readonly files: Readonly<Record<string, string>>;
} {
  const around = Object.entries(files).map(([file, text]) => [below(FOLDER, file), text] as const);
  const own = below(FOLDER, path);
  return { path: own, files: { ...Object.fromEntries(around), [own]: content } };
}

/** A path below a folder. Throws when it leads out of it. */
export function below(folder: string, path: string): string {
  const isInside = path.split('/').every((part) => !['', '.', '..'].includes(part));
  if (!isInside || path.includes('\0')) {
    throw new Error(`"${path}" is not the path of a file in a folder.`);
  }
  return `${folder}/${path}`;
}

function fileName(name: string): string {
  return `${name.replace(/[^\w.-]+/g, '-').slice(0, 80)}.yml`;
}
