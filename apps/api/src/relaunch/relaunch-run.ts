import { Injectable } from '@nestjs/common';
import {
  AdoptionRequest,
  DeploymentRequest,
  isRelaunched,
  type Permission,
  type RunAccepted,
  type RunKind,
  type RunView,
} from '@diaken/contracts';
import { RunHistory } from '@diaken/persistence';
import * as z from 'zod';
import { RequestDeployment } from '../deployments/request-deployment';
import { RequestPreflight } from '../deployments/request-preflight';
import { RequestAdoption } from '../hosts/request-adoption';
import { StartHostCheck } from '../hosts/start-host-check';
import type { Actor } from '../http/access';
import { notFound, Refusal } from '../http/refusal';
import { notAllowed } from '../runs/decide-about-run';
import { StartVCenterRun } from '../vcenters/start-vcenter-run';
import { RelaunchLibraryRun } from './relaunch-library-run';

const OfVCenter = z.object({ vcenterId: z.uuid() });
const OfHosts = z.object({ hostIds: z.array(z.uuid()) });

/** Asks again for what a run was asked for. All of it is checked anew: the world may have changed. */
@Injectable()
export class RelaunchRun {
  constructor(
    private readonly history: RunHistory,
    private readonly requestDeployment: RequestDeployment,
    private readonly requestPreflight: RequestPreflight,
    private readonly startVCenterRun: StartVCenterRun,
    private readonly startHostCheck: StartHostCheck,
    private readonly requestAdoption: RequestAdoption,
    private readonly relaunchLibraryRun: RelaunchLibraryRun,
  ) {}

  /** Throws a refusal when the run has not ended, or when its request cannot be met any more. */
  async execute(actor: Actor, id: string, idempotencyKey?: string): Promise<RunAccepted> {
    const run = await this.history.view(id);
    if (!run) {
      throw notFound('run', id);
    }
    if (!run.actions.includes('relaunch') || !isRelaunched(run.kind)) {
      throw notAllowed(run, 'relaunch');
    }
    requirePermission(actor, run.kind);
    const origin = { idempotencyKey, relaunchOf: id };
    if (run.kind === 'deploy-vm') {
      return this.requestDeployment.execute(actor, deploymentOf(run), origin);
    }
    if (run.kind === 'preflight') {
      return this.requestPreflight.execute(actor, deploymentOf(run), origin);
    }
    if (run.kind === 'adopt-vm') {
      return this.requestAdoption.execute(actor, adoptionOf(run), origin);
    }
    if (run.kind === 'check-host') {
      const { hostIds } = OfHosts.parse(run.request);
      return this.startHostCheck.execute(actor, { ids: hostIds }, origin);
    }
    if (run.kind === 'check-library-item') {
      return this.relaunchLibraryRun.check(actor, run, origin);
    }
    if (run.kind === 'sync-project') {
      return this.relaunchLibraryRun.sync(actor, run, origin);
    }
    const { vcenterId } = OfVCenter.parse(run.request);
    return this.startVCenterRun.again(run.kind, actor, vcenterId, origin);
  }
}

/** What starting such a run asks for; the route itself asks for `deployments:write`. */
const ALSO_NEEDED: Partial<Record<RunKind, Permission>> = {
  'check-host': 'hosts:write',
  'adopt-vm': 'hosts:write',
};

function requirePermission({ username, permissions }: Actor, kind: RunKind): void {
  const needed = ALSO_NEEDED[kind];
  if (needed !== undefined && !permissions.includes(needed)) {
    throw new Refusal({
      code: 'not-allowed',
      detail: `Such a run needs the permission ${needed}, which ${username} does not have here.`,
      remedy: 'Ask an administrator, or use a token with that scope.',
    });
  }
}

/** What the client had sent, without what was found out about it. */
function deploymentOf({ request }: RunView): DeploymentRequest {
  const {
    placement: _placement,
    extraHardware: _extraHardware,
    guest: _guest,
    refusal: _refusal,
    requestedBy: _requestedBy,
    ...machine
  } = request;
  // Without an address the profile gives a new one: somebody may have the old one by now.
  const { askedNetwork, network, ...asked } = machine;
  return DeploymentRequest.parse({ ...asked, network: askedNetwork ?? network });
}

/** The same machine, whatever it is called now. */
function adoptionOf({ request }: RunView): AdoptionRequest {
  const { instanceUuid, machine: _called, ...asked } = request;
  return AdoptionRequest.parse({ ...asked, machine: instanceUuid });
}
