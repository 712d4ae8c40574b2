export type { VsphereOptions } from './connections';
export { type VCenterAccess, VCenterDirectory } from './vcenter-directory';
export { type GuestPassword, GuestPasswords } from './machines/sysprep-identity';
export { VsphereVCenter } from './vsphere-vcenter';
