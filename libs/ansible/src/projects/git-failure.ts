import { type FailureFacts, type GitRepository, ProvisioningFailure } from '@diaken/provisioning';
import type { GitEnding } from './git-command';

/** The longest part of what git said that is told, characters. */
const LONGEST = 300;

type Told = Pick<FailureFacts, 'code' | 'remedy' | 'transient'> & { readonly what: string };

/** What git says, and what it means; the first that fits. */
const MEANINGS: readonly (readonly [RegExp, Told])[] = [
  [
    /Host key verification failed|IDENTIFICATION HAS CHANGED/,
    {
      code: 'host-key-changed',
      what: 'The SSH server shows another host key than the pinned one',
      remedy: 'Find out why. If that is right, change hostKey of the project, and sync it again.',
    },
  ],
  [
    /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i,
    {
      code: 'git-refused',
      what: 'The repository has no such branch, tag or commit',
      remedy: 'Correct ref of the project, and sync it again.',
    },
  ],
  [
    /Authentication failed|Permission denied|could not read (Username|Password)|error: 40[13]/i,
    {
      code: 'git-refused',
      what: 'The server does not let us in',
      remedy: 'Give the project a credential that may read the repository, and sync it again.',
    },
  ],
  [
    /certificate/i,
    {
      code: 'git-refused',
      what: 'The certificate of the server is not one that we trust',
      remedy: 'Correct caPem of the project, or the certificate, and sync it again.',
    },
  ],
  [
    /not found|does not appear to be a git repository|does not exist/i,
    {
      code: 'git-refused',
      what: 'The server has no such repository, or does not show it to us',
      remedy: 'Correct url or credential of the project, and sync it again.',
    },
  ],
  [
    /File too large|file size limit/i,
    {
      code: 'git-too-large',
      what: 'The repository is too large',
      remedy: 'Keep playbooks in a repository of their own, below 200 MiB.',
    },
  ],
  [
    /No space left on device/,
    {
      code: 'worker-disk-full',
      what: 'The disk of the worker is full',
      remedy: 'Free space there, and sync the project again.',
      transient: true,
    },
  ],
];

const AWAY: Told = {
  code: 'git-unreachable',
  what: 'The server could not be reached',
  remedy: 'See that the worker reaches the server, and sync the project again.',
  transient: true,
};

/** What the operator is told when git has failed. */
export function gitFailure(
  { url, ref }: Pick<GitRepository, 'url' | 'ref'>,
  { code, err }: Pick<GitEnding, 'code' | 'err'>,
): ProvisioningFailure {
  const said = err.trim() || (code === null ? 'File too large' : `It ended with ${code}.`);
  const told = MEANINGS.find(([pattern]) => pattern.test(said))?.[1] ?? AWAY;
  const { what, ...facts } = told;
  const lines = said.split('\n').map((line) => line.replace(/^(fatal|error|remote): /, ''));
  const first = (lines.find((line) => /[a-z]/.test(line)) ?? '').slice(0, LONGEST);
  return new ProvisioningFailure({ ...facts, cause: `${what} (${url}, ${ref}). git: ${first}` });
}

/** For what is more than the library keeps. */
export function tooLarge({ url }: Pick<GitRepository, 'url'>, what: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'git-too-large',
    cause: `The project at ${url} has ${what}.`,
    remedy: 'Keep playbooks in a repository of their own.',
  });
}
