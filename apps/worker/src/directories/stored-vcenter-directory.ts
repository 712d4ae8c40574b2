import { openVCenterPassword, VCenterEntity } from '@diaken/persistence';
import { ProvisioningFailure } from '@diaken/provisioning';
import { type SecretBox, UnreadableSecret } from '@diaken/runtime';
import { type VCenterAccess, VCenterDirectory } from '@diaken/vcenter';
import type { DataSource } from 'typeorm';

/** The vCenters that users have registered. */
export class StoredVCenterDirectory extends VCenterDirectory {
  constructor(
    private readonly database: DataSource,
    private readonly box: SecretBox,
  ) {
    super();
  }

  override async find(vcenterId: string): Promise<VCenterAccess> {
    const vcenter = await this.database.manager.findOneBy(VCenterEntity, { id: vcenterId });
    if (!vcenter) {
      throw new ProvisioningFailure({
        code: 'placement-missing',
        cause: `The vCenter ${vcenterId} is not registered any more.`,
        remedy: 'Register it again, and ask for a new machine there.',
      });
    }
    const { id, name, url, username, tls, updatedAt } = vcenter;
    return {
      id,
      name,
      url,
      username,
      tls,
      password: this.open(vcenter),
      revision: updatedAt.toISOString(),
    };
  }

  private open(vcenter: VCenterEntity): string {
    try {
      return openVCenterPassword(this.box, vcenter);
    } catch (error) {
      throw error instanceof UnreadableSecret
        ? unreadable(`password of ${vcenter.name}`, error)
        : error;
    }
  }
}

/** What the operator is told of a secret that no key opens. */
export function unreadable(what: string, cause: UnreadableSecret): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'secret-unreadable',
      cause: `The stored ${what} cannot be opened. ${cause.message}`,
      remedy:
        'Put the missing key back into DIAKEN_ENCRYPTION_KEYS, or store the secret anew. Then resume the run.',
    },
    { cause },
  );
}
