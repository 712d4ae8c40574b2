import type { TlsPolicy } from '@diaken/contracts';

/** How to reach a vCenter, and as whom. */
export interface VCenterAccess {
  readonly id: string;
  /** As its users know it. */
  readonly name: string;
  /** For example `https://vcenter.example.net/sdk`; without a path, `/sdk` is taken. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly tls: TlsPolicy;
  /** Changes when anything of it changes; the next call then opens a new session. */
  readonly revision: string;
}

/** Knows the vCenters and their passwords. */
export abstract class VCenterDirectory {
  /** Throws when there is no such vCenter or its password cannot be read. */
  abstract find(vcenterId: string): Promise<VCenterAccess>;
}
