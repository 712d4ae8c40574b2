import type { CustomizationOrder, SysprepOrder } from '@diaken/provisioning';
import type { VimObject } from '../soap/vim-value';

/** A user and a password. Lives in memory only. */
export interface GuestPassword {
  readonly username: string;
  readonly password: string;
}

/** Opens the passwords that Windows guests are given, and those that join them to a domain. */
export abstract class GuestPasswords {
  /** Throws `ProvisioningFailure`: `credential-missing`, also when it is no password, or `secret-unreadable`. */
  abstract open(credentialId: string): Promise<GuestPassword>;
}

/** What Sysprep is told, passwords and all. Lives in memory only. */
interface OpenedSysprep extends SysprepOrder {
  readonly administrator: GuestPassword;
  /** Missing where the guest joins no domain. */
  readonly joiner?: GuestPassword;
}

/** An order with the passwords that it refers to. */
export type OpenedOrder = Omit<CustomizationOrder, 'sysprep'> & {
  readonly sysprep?: OpenedSysprep;
};

/** Opens what an order refers to. */
export async function openOrder(
  { sysprep, ...order }: CustomizationOrder,
  passwords: GuestPasswords | undefined,
): Promise<OpenedOrder> {
  if (!sysprep) return order;
  if (!passwords) throw new Error('Windows guests cannot be customized without their passwords.');
  const administrator = await passwords.open(sysprep.credentialId);
  const joiner = sysprep.domain && (await passwords.open(sysprep.domain.credentialId));
  return { ...order, sysprep: { ...sysprep, administrator, ...(joiner && { joiner }) } };
}

/** The options and the identity of a CustomizationSpec for Windows: a new SID, and a restart at the end. */
export function sysprepParts(
  hostname: string,
  { timeZone, owner, organization, autoLogons, administrator, ...membership }: OpenedSysprep,
): { readonly options: VimObject; readonly identity: VimObject } {
  return {
    options: {
      $type: 'CustomizationWinOptions',
      ...{ changeSID: true, deleteAccounts: false, reboot: 'reboot' },
    },
    identity: {
      $type: 'CustomizationSysprep',
      guiUnattended: {
        password: plain(administrator),
        ...{ timeZone, autoLogon: autoLogons > 0, autoLogonCount: autoLogons },
      },
      userData: {
        ...{ fullName: owner, orgName: organization, productId: '' },
        computerName: { $type: 'CustomizationFixedName', name: hostname },
      },
      identification: identification(membership),
    },
  };
}

function identification({
  domain,
  joiner,
  workgroup,
}: Pick<OpenedSysprep, 'domain' | 'joiner' | 'workgroup'>): VimObject {
  return domain && joiner
    ? {
        ...{ joinDomain: domain.name, domainAdmin: joiner.username },
        domainAdminPassword: plain(joiner),
      }
    : { joinWorkgroup: workgroup };
}

/** vCenter encrypts it before it stores it. */
function plain({ password }: GuestPassword): VimObject {
  return { value: password, plainText: true };
}
