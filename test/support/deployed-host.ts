import { HostPage, HostView } from '@diaken/contracts';
import * as z from 'zod';
import { deploy, finished, machineInput, type Needed, type SystemAccess } from './machines';

/** A host whose machine a run has made. */
export const DeployedHost = HostView.extend({
  vmMoRef: z.string(),
  vmInstanceUuid: z.string(),
  createdByRun: z.string(),
});
export type DeployedHost = z.infer<typeof DeployedHost>;

/** Deploys a machine, and answers its host. */
export async function deployHost(
  { client, lab }: SystemAccess,
  needed: Needed,
  { hostname, address }: { readonly hostname: string; readonly address: string },
): Promise<DeployedHost> {
  const input = machineInput(needed, lab, { hostname, network: { address } });
  const { failure } = await finished(client, await deploy(client, input));
  if (failure) {
    throw new Error(`${hostname} was not deployed: ${failure.message}`);
  }
  const { items } = await client.get(`hosts?name=${hostname}`, HostPage);
  return DeployedHost.parse(items[0]);
}
