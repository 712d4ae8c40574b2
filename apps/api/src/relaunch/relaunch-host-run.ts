import { Injectable } from '@nestjs/common';
import {
  AdoptionRequest,
  HostKeyReading,
  type RunAccepted,
  type RunKind,
  type RunView,
} from '@diaken/contracts';
import * as z from 'zod';
import { RequestAdoption } from '../hosts/request-adoption';
import { StartHostCheck } from '../hosts/start-host-check';
import { StartHostKeyReading } from '../hosts/start-host-key-reading';
import type { Actor } from '../http/access';
import type { Asking } from '../runs/start-run';

/** Kinds of runs that are about hosts that there are, or are to be. */
const HOST_RUNS = ['adopt-vm', 'check-host', 'read-host-key'] as const;
type HostRunKind = (typeof HOST_RUNS)[number];

/** A run about hosts: its kind, and what it was asked for. */
export interface HostRun {
  readonly kind: HostRunKind;
  readonly request: RunView['request'];
}

const OfHosts = z.object({ hostIds: z.array(z.uuid()) });
const OfHostKey = HostKeyReading.extend({ hostId: z.uuid() });

/** Asks again for what a run about hosts was asked for. */
@Injectable()
export class RelaunchHostRun {
  constructor(
    private readonly startCheck: StartHostCheck,
    private readonly startKeyReading: StartHostKeyReading,
    private readonly requestAdoption: RequestAdoption,
  ) {}

  /** Throws a refusal when its request cannot be met any more. */
  execute(
    actor: Actor,
    { kind, request }: HostRun,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'>,
  ): Promise<RunAccepted> {
    switch (kind) {
      case 'adopt-vm':
        return this.requestAdoption.execute(actor, adoptionOf(request), origin);
      case 'check-host':
        return this.startCheck.execute(actor, { ids: OfHosts.parse(request).hostIds }, origin);
      case 'read-host-key': {
        const { hostId, ...asked } = OfHostKey.parse(request);
        return this.startKeyReading.execute(actor, hostId, asked, origin);
      }
    }
  }
}

/** Whether runs of a kind are about hosts. */
export function isHostRunKind(kind: RunKind): kind is HostRunKind {
  return HOST_RUNS.some((one) => one === kind);
}

/** The same machine, whatever it is called now. */
function adoptionOf(request: RunView['request']): AdoptionRequest {
  const { instanceUuid, machine: _called, ...asked } = request;
  return AdoptionRequest.parse({ ...asked, machine: instanceUuid });
}
