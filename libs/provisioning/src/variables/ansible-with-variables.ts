import {
  Ansible,
  type PlayHostResult,
  type PlayListener,
  type PlayOrder,
  type PlayPlace,
  type PlayResult,
} from '../ports/ansible';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { GatheredVariables } from './gather-variables';
import { maskSecrets } from './mask-secrets';

/** Plays with the variables of the hosts, and hides the secrets among them in all that it tells. */
export class AnsibleWithVariables extends Ansible {
  private readonly mask: (text: string) => string;

  constructor(
    private readonly ansible: Ansible,
    /** By the names of hosts. */
    private readonly variables: ReadonlyMap<string, GatheredVariables>,
  ) {
    super();
    this.mask = maskSecrets([...variables.values()].flatMap(({ secrets }) => secrets));
  }

  override place(): Promise<PlayPlace> {
    return this.ansible.place();
  }

  override async play(
    order: PlayOrder,
    listener: PlayListener,
    signal: AbortSignal,
  ): Promise<PlayResult> {
    const hosts = order.hosts.map((host) => {
      const { values = {} } = this.variables.get(host.name) ?? {};
      return { ...host, variables: values };
    });
    try {
      const result = await this.ansible.play({ ...order, hosts }, this.masking(listener), signal);
      return { hosts: result.hosts.map((host) => this.masked(host)) };
    } catch (error) {
      throw error instanceof ProvisioningFailure ? this.maskedFailure(error) : error;
    }
  }

  override discard(key: string): Promise<void> {
    return this.ansible.discard(key);
  }

  override removeForgotten(olderThanMs: number): Promise<readonly string[]> {
    return this.ansible.removeForgotten(olderThanMs);
  }

  private masking({ line, progress, position }: PlayListener): PlayListener {
    return {
      line: (text) => line(this.mask(text)),
      progress: (fraction, task) => progress(fraction, this.mask(task)),
      position,
    };
  }

  private masked(host: PlayHostResult): PlayHostResult {
    const { firstError } = host;
    return {
      ...host,
      firstError: firstError && {
        task: this.mask(firstError.task),
        message: this.mask(firstError.message),
      },
    };
  }

  private maskedFailure({ code, message, remedy, transient }: ProvisioningFailure) {
    // Without its cause, which may hold what is hidden here.
    return new ProvisioningFailure({ code, cause: this.mask(message), remedy, transient });
  }
}
