export type { VsphereOptions } from './connections';
export { type VCenterAccess, VCenterDirectory } from './vcenter-directory';
export { VsphereVCenter } from './vsphere-vcenter';
