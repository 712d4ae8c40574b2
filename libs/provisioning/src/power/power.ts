import type { PowerRequest } from '@diaken/contracts';
import { pipeline } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { changePower } from './change-power';

/** Switches the machine of a host on or off, resets or suspends it, or asks its guest to do so. */
export const power = (tools: ProvisioningTools) =>
  pipeline<PowerRequest>('power').step(changePower(tools)).build();
