import { Injectable } from '@nestjs/common';
import {
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
import type { Actor } from '../http/access';
import { notFound, Refusal } from '../http/refusal';
import { notAllowed } from '../runs/decide-about-run';
import { StartVCenterRun } from '../vcenters/start-vcenter-run';
import { isHostRunKind, RelaunchHostRun } from './relaunch-host-run';
import { RelaunchLibraryRun } from './relaunch-library-run';

const OfVCenter = z.object({ vcenterId: z.uuid() });

/** Asks again for what a run was asked for. All of it is checked anew: the world may have changed. */
@Injectable()
export class RelaunchRun {
  constructor(
    private readonly history: RunHistory,
    private readonly requestDeployment: RequestDeployment,
    private readonly requestPreflight: RequestPreflight,
    private readonly startVCenterRun: StartVCenterRun,
    private readonly relaunchHostRun: RelaunchHostRun,
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
    const { kind, request } = run;
    if (kind === 'deploy-vm') {
      return this.requestDeployment.execute(actor, deploymentOf(run), origin);
    }
    if (kind === 'preflight') {
      return this.requestPreflight.execute(actor, deploymentOf(run), origin);
    }
    if (isHostRunKind(kind)) {
      return this.relaunchHostRun.execute(actor, { kind, request }, origin);
    }
    if (kind === 'check-library-item') {
      return this.relaunchLibraryRun.check(actor, run, origin);
    }
    if (kind === 'sync-project') {
      return this.relaunchLibraryRun.sync(actor, run, origin);
    }
    const { vcenterId } = OfVCenter.parse(request);
    return this.startVCenterRun.again(kind, actor, vcenterId, origin);
  }
}

/** What starting such a run asks for; the route itself asks for `deployments:write`. */
const ALSO_NEEDED: Partial<Record<RunKind, Permission>> = {
  'check-host': 'hosts:write',
  'adopt-vm': 'hosts:write',
  'read-host-key': 'hosts:write',
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
