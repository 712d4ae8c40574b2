import type { ObjectRef, PlacedDisk, WindowsSettings } from '@diaken/contracts';
import type { GuestLogin } from './guest-shell';

/** Hardware that a machine shall have. What is left out stays as it is. */
export interface HardwareOrder {
  readonly cpus?: number;
  readonly memoryMb?: number;
  /** Grow the first disk to this size in GiB. Never shrinks. */
  readonly diskGb?: number;
  /** Disks besides those of the template. Which is which goes by the order: it never changes for one machine. */
  readonly extraDisks?: readonly PlacedDisk[];
  /** What each network adapter is connected to, the first one first. An adapter that is missing is added. */
  readonly portGroups: readonly ObjectRef[];
}

/** A static IPv4 address of a guest. */
export interface StaticAddress {
  readonly address: string;
  /** Length of the network's prefix, bits. */
  readonly prefix: number;
  readonly gateway?: string;
}

/** What the guest shall be called and which address its first adapter shall have. */
export interface CustomizationOrder {
  readonly hostname: string;
  readonly domain?: string;
  /** Null: it asks a DHCP server. */
  readonly ipv4: StaticAddress | null;
  readonly dns: readonly string[];
  /** Addresses of the further network adapters, in their order; null, or left out: it asks DHCP. */
  readonly extraAddresses?: readonly (StaticAddress | null)[];
  /** Of a Windows guest. Left out: it is a Linux guest. */
  readonly sysprep?: SysprepOrder;
}

/** What Sysprep is told of a Windows guest. Passwords are opened by whoever tells it. */
export interface SysprepOrder extends WindowsSettings {
  /** Whose password the built-in Administrator is given. */
  readonly credentialId: string;
}

/** What cloud-init does on the guest's first start. */
export interface CloudInitOrder extends CustomizationOrder {
  readonly login: GuestLogin;
}
