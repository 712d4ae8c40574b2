/** A repository, and how to get at it. */
export interface GitRepository {
  /** `https://…` or `ssh://…`. */
  readonly url: string;
  /** Branch, tag or commit. */
  readonly ref: string;
  readonly credentialId: string | null;
  /** Authority of the HTTPS server; null: the system's. */
  readonly caPem: string | null;
  /** The pinned key of the SSH server; null: none is pinned yet. */
  readonly hostKey: string | null;
}

/** The files of a commit. */
export interface GitTree {
  /** Full id of the commit. */
  readonly commit: string;
  /** Text files: contents by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Paths that were left out: links, submodules, what is no text. */
  readonly leftOut: readonly string[];
  /** The key that an SSH server has shown; null for HTTPS. */
  readonly hostKey: string | null;
}

/** Reads repositories of Git servers. */
export abstract class GitSource {
  /**
   * Fetches one commit without its history; runs nothing of it, and leaves nothing behind on the worker. Throws
   * `ProvisioningFailure`: `git-unreachable` (transient), `git-refused` (login, unknown repository or ref),
   * `host-key-changed`, `git-too-large`, `credential-missing`, `secret-unreadable`, `worker-disk-full`.
   */
  abstract fetch(repository: GitRepository, signal: AbortSignal): Promise<GitTree>;
}
