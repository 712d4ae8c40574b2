import * as z from 'zod';
import { OS_FAMILIES } from '../hosts/os-family';
import { FailurePolicy, RunPriority, RunRetry } from '../runs/run-policy';
import { NetworkRequest } from './guest-network';
import { Cpus, DiskGb, ExtraDisks, ExtraNetworks, MemoryMb } from './hardware';
import { ExtraVars, PlaybookIds } from './playbook-choice';

/** A host name as RFC 1123 has it, one label, lower case. */
export const HostName = z
  .string()
  .max(63, { error: 'is longer than the 63 characters a host name may have' })
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, {
    error: 'must be a host name: lower-case letters, digits and hyphens, no hyphen at either end',
  });

const objectName = (what: string) =>
  z
    .string()
    .min(1)
    .max(255)
    .meta({ description: `${what}: its name, or its MoRef where names repeat.` });

/** What `POST /deployments` takes: a machine, where it goes, and what runs on it. */
export const DeploymentRequest = z
  .strictObject({
    hostname: HostName,
    vcenterId: z.uuid({ error: 'must be the id of a vCenter; GET /vcenters lists them' }),
    template: objectName('Template to clone'),
    datacenter: objectName('Datacenter').optional(),
    cluster: objectName('Cluster or stand-alone host'),
    resourcePool: objectName('Resource pool').optional().meta({
      description: 'Resource pool: name or MoRef. Left out: the root pool of the cluster.',
    }),
    datastore: objectName('Datastore'),
    folder: objectName('VM folder').optional().meta({
      description: 'VM folder: name or MoRef. Left out: the root VM folder of the datacenter.',
    }),
    size: z.string().min(1).max(100).optional().meta({
      description:
        'Name of a size (GET /sizes): gives cpus, memoryMb and diskGb where the request does not.',
    }),
    cpus: Cpus.optional().meta({ description: 'May be left out where a size is named.' }),
    memoryMb: MemoryMb.optional().meta({ description: 'May be left out where a size is named.' }),
    diskGb: DiskGb.optional().meta({
      description:
        'Size of the first disk in GiB, never below the template’s. Left out: as the size, or as the template.',
    }),
    extraDisks: ExtraDisks.default([]),
    network: NetworkRequest,
    extraNetworks: ExtraNetworks.default([]),
    osFamily: z.enum(OS_FAMILIES).optional().meta({
      description:
        'Left out: that of the template’s profile; without a profile: debian. Must agree with the profile.',
    }),
    credentialId: z.uuid({ error: 'must be the id of an SSH key; GET /credentials lists them' }),
    sshPort: z.number().int().min(1).max(65_535).default(22),
    environmentId: z.uuid().optional(),
    groupIds: z.array(z.uuid()).max(50).optional().meta({
      description: 'Groups of the environment that the host becomes a member of.',
    }),
    playbookIds: PlaybookIds.default([]),
    extraVars: ExtraVars.default({}),
    priority: RunPriority,
    retry: RunRetry,
    onFailure: FailurePolicy,
  })
  .meta({ id: 'DeploymentRequest' });
export type DeploymentRequest = z.infer<typeof DeploymentRequest>;
/** The request as a client writes it: defaults may be left out. */
export type DeploymentInput = z.input<typeof DeploymentRequest>;
