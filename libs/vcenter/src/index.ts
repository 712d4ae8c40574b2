export type { VsphereOptions } from './connections';
export { type VCenterAccess, VCenterDirectory } from './vcenter-directory';
export { type GuestPassword, GuestPasswords } from './machines/sysprep-identity';
export { VsphereInventoryFeed } from './vsphere-inventory-feed';
export { VsphereVCenterProbe } from './vsphere-vcenter-probe';
export { VsphereVCenter } from './vsphere-vcenter';
