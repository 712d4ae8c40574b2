import type { HostResult } from '@diaken/contracts';

/** The text of a playbook, and what it finds beside itself. */
export interface PlaybookText {
  readonly kind: 'text';
  readonly name: string;
  readonly content: string;
  /** Where it lies among its files. Default: above them. */
  readonly path?: string;
  /** What lies around it: texts by their paths. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A playbook to run: the text of one, or the name of one that ships with the worker. */
export type PlaybookSource = PlaybookText | { readonly kind: 'shipped'; readonly name: string };

/** A host that a playbook acts on. */
export interface PlayHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The pinned host key: type and base64. */
  readonly hostKey: string;
  readonly credentialId: string;
  /** What playbooks are told about the host; may hold secrets. Values are taken as they are: no templates. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Path of the host's Python; undefined: /usr/bin/python3. */
  readonly interpreter?: string;
}

/** How far a play's output has been read and stored; opaque to everybody but the adapter. */
export interface PlayPosition {
  readonly events: number;
  readonly output: number;
}

/** One execution of a playbook. */
export interface PlayOrder {
  /** Names the execution. The same key never runs twice: a second call attaches to the first one's. */
  readonly key: string;
  readonly playbook: PlaybookSource;
  readonly hosts: readonly PlayHost[];
  /** Variables that win over all others. Values are taken as they are: no templates. */
  readonly extraVars: Readonly<Record<string, unknown>>;
  /** The longest that it may take, seconds. */
  readonly timeoutSeconds: number;
  /** Where a caller that attaches again goes on to read. */
  readonly from?: PlayPosition;
}

/** Per-host results without the step that they belong to. */
export type PlayHostResult = Omit<HostResult, 'step' | 'playbook'>;

/** Where executions live: whoever is there, and only who is there, can attach to them and end them. */
export interface PlayPlace {
  /** The same for all workers that share their executions; it lasts as long as those do. */
  readonly id: string;
  /** What an operator calls it: the name of the machine. */
  readonly name: string;
}

/** What the caller hears while a play goes on. */
export interface PlayListener {
  /** A line of Ansible's own output, colour codes included. */
  line(text: string): void;
  /** Fraction of the planned tasks done, 0 to 1, and the task that runs now. */
  progress(fraction: number, task: string): void;
  /** Everything up to here has been told. */
  position(position: PlayPosition): void;
}

/** How a play ended. */
export interface PlayResult {
  readonly hosts: readonly PlayHostResult[];
}

/** Runs playbooks. */
export abstract class Ansible {
  /**
   * The place whose executions this process attaches to and ends. A key is known at its own place only: elsewhere it
   * would be started once more. Throws `worker-disk-full`, transient, when the place has no name yet and no room for it.
   */
  abstract place(): Promise<PlayPlace>;

  /**
   * Runs a playbook, or attaches to the execution of that key. Resolves when it has ended, also when hosts failed.
   * Throws `ProvisioningFailure`: `playbook-not-started` (syntax, missing module; nothing ran),
   * `playbook-interrupted` (lost with its machine), `playbook-no-hosts`, `playbook-failed` (Ansible gave up half-way),
   * `playbook-missing` (no such shipped one), `timed-out`, `credential-missing`, `secret-unreadable`, `cancelled` (by
   * somebody else), `worker-disk-full` (transient: nothing ran; otherwise it ran, but its results are lost). Only what
   * has not started leaves nothing to discard.
   * When the signal aborts with `Interruption('cancelled' | 'timed-out')` the play is ended here and on its hosts;
   * with `worker-stopping` or `lease-lost` it goes on and can be attached to again.
   */
  abstract play(order: PlayOrder, listener: PlayListener, signal: AbortSignal): Promise<PlayResult>;

  /**
   * Removes executions that ended, or were lost, longer ago than this and that nobody discarded: their worker died.
   * Answers their keys.
   */
  abstract removeForgotten(olderThanMs: number): Promise<readonly string[]>;

  /**
   * Forgets an execution: ends it if it still goes on here, on its hosts too, and removes its folder. Does nothing when
   * it is not known here. Throws `timed-out` when it does not end.
   */
  abstract discard(key: string): Promise<void>;
}
