import { defineStep, pipeline } from '@diaken/pipeline';
import type { VCenterAbout } from '../ports/vcenter-probe';
import type { ProvisioningTools } from '../tools';

/** What a `test-vcenter` run is asked for. */
export interface VCenterTestRequest {
  readonly vcenterId: string;
}

/** A test says how it is now, so that nothing is tried again but what a moment may cure. */
const ONCE_MORE = { attempts: 2, delayMs: 1_000 };

const reach = ({ probe }: ProvisioningTools) =>
  defineStep<VCenterTestRequest, VCenterAbout>({
    name: 'reach-vcenter',
    title: 'Reach the vCenter and check its certificate',
    timeoutMs: 60_000,
    retry: ONCE_MORE,
    run: async ({ vcenterId }, at) => {
      const about = await probe.greet(vcenterId, at.signal);
      at.log(`Reached ${about.product}, API ${about.apiVersion}. Its certificate is accepted.`);
      return about;
    },
  });

const logIn = ({ probe }: ProvisioningTools) =>
  defineStep<VCenterTestRequest, { readonly missingPrivileges: readonly string[] | null }>({
    name: 'log-in',
    title: 'Log in and look at the privileges',
    timeoutMs: 60_000,
    retry: ONCE_MORE,
    run: async ({ vcenterId }, at) => {
      const missingPrivileges = await probe.logIn(vcenterId, at.signal);
      at.log('The account may log in.');
      if (missingPrivileges === null) {
        at.log('What else it may do, vCenter does not tell it.');
      } else if (missingPrivileges.length > 0) {
        at.log(
          `Not granted on the root folder: ${missingPrivileges.join(', ')}. ` +
            'Machines can be made only where a role with these is granted on the objects below.',
        );
      }
      return { missingPrivileges };
    },
  });

/** Tells whether a vCenter can be worked with, and if not, why. */
export const testVCenter = (tools: ProvisioningTools) =>
  pipeline<VCenterTestRequest>('test-vcenter').step(reach(tools)).step(logIn(tools)).build();
