import type { DecommissionRequest } from '@diaken/contracts';
import { pipeline } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { destroyMachine } from './destroy-machine';
import { findMachine } from './find-machine';
import { powerOff } from './power-off';
import { removeHost } from './remove-host';

/** Removes a host with its machine, its name and its addresses. Until the machine is destroyed, it can be undone. */
export const decommission = (tools: ProvisioningTools) =>
  pipeline<DecommissionRequest>('decommission')
    .step(findMachine(tools))
    .step(powerOff(tools))
    .step(destroyMachine(tools))
    .step(removeHost(tools))
    .build();
