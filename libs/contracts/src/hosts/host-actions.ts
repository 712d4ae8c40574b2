import * as z from 'zod';

/** What can be done to the power of a host's machine. */
export const POWER_ACTIONS = ['on', 'off', 'shutdown', 'reset', 'reboot-guest', 'suspend'] as const;
export type PowerAction = (typeof POWER_ACTIONS)[number];

/** What `POST /hosts/:id/power` takes. */
export const PowerInput = z
  .strictObject({
    action: z.enum(POWER_ACTIONS).meta({
      description:
        '`shutdown` and `reboot-guest` ask the guest, through VMware Tools; `off` and `reset` are as pulling the plug.',
    }),
    timeoutSeconds: z.number().int().min(1).max(3_600).default(300).meta({
      description: 'With `shutdown`: how long the guest may take until it is off.',
    }),
  })
  .meta({ id: 'PowerInput' });
export type PowerInput = z.infer<typeof PowerInput>;

/** What `POST /hosts/:id/decommission` takes. */
export const DecommissionInput = z
  .strictObject({
    confirm: z.string().max(253).meta({ description: 'The name of the host, once more.' }),
    machine: z.enum(['destroy', 'power-off']).default('destroy').meta({
      description:
        'What becomes of the machine: destroyed with its disks and snapshots, or switched off and kept in vCenter.',
    }),
    confirmMachine: z.string().min(1).max(80).optional().meta({
      description:
        'The name of the machine in vCenter; needed where the machine does not carry the mark of the run that made the host.',
    }),
  })
  .meta({ id: 'DecommissionInput' });
export type DecommissionInput = z.infer<typeof DecommissionInput>;

/** A host, and the machine that was registered for it. */
export interface RegisteredMachine {
  readonly hostId: string;
  readonly hostname: string;
  readonly vcenterId: string;
  readonly vmMoRef: string;
  readonly vmInstanceUuid: string;
  /** The run that made the machine, whose mark it carries; null: none did. */
  readonly createdByRun: string | null;
}

/** What a `power` run is asked for. */
export type PowerRequest = RegisteredMachine & PowerInput;

/** What a `decommission` run is asked for. */
export type DecommissionRequest = RegisteredMachine &
  DecommissionInput & { readonly requestedBy: string };
