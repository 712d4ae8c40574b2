import type { MachineRequest } from '@diaken/contracts';
import { pipeline } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { changeNetwork } from './change-network';
import { cloneTemplate } from './clone-template';
import { configureGuest } from './configure-guest';
import { configureHardware } from './configure-hardware';
import { customizeGuest } from './customize-guest';
import { meetAtAddress } from './meet-at-address';
import { notify } from './notify';
import { powerOffHeld } from './power-off-held';
import { powerOn } from './power-on';
import { preflight } from './preflight';
import { readdressGuest } from './readdress-guest';
import { registerHost } from './register-host';
import { reserveAddress } from './reserve-address';
import { runPlaybooks } from './run-playbooks';
import { verifyMachine } from './verify-machine';
import { waitForAddress } from './wait-for-address';
import { waitForLogin } from './wait-for-login';
import { waitForPort } from './wait-for-port';

/** Turns a request into a running, configured and verified machine. */
export const deployVm = (tools: ProvisioningTools) =>
  pipeline<MachineRequest>('deploy-vm')
    .whenHeld(powerOffHeld(tools))
    .step(preflight(tools))
    .step(reserveAddress(tools))
    .step(cloneTemplate(tools))
    .step(configureHardware(tools))
    .step(customizeGuest(tools))
    .step(powerOn(tools))
    .step(waitForAddress(tools))
    .step(waitForPort(tools))
    .step(waitForLogin(tools))
    .step(readdressGuest(tools))
    .step(meetAtAddress(tools))
    .step(configureGuest(tools))
    .step(changeNetwork(tools))
    .step(verifyMachine(tools))
    .step(registerHost(tools))
    .step(runPlaybooks(tools))
    .step(notify(tools))
    .build();
