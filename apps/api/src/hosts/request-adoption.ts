import { Injectable } from '@nestjs/common';
import {
  type AdoptionRequest,
  API_PREFIX,
  type MachineAdoption,
  ROUTES,
  type RunAccepted,
} from '@diaken/contracts';
import { canonicalAddress, HostEntity, VCenterEntity } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource, IsNull } from 'typeorm';
import { missingReferences } from '../deployments/missing-references';
import { unknownObjects } from '../deployments/unknown-objects';
import type { Actor } from '../http/access';
import { Refusal } from '../http/refusal';
import { type Asking, StartRun } from '../runs/start-run';
import { findSought } from './sought-machine';

/** Takes the request to make a virtual machine a host: checks it against what we know, and records a run. */
@Injectable()
export class RequestAdoption {
  constructor(
    private readonly database: DataSource,
    private readonly startRun: StartRun,
  ) {}

  /** Throws a refusal that names each wrong field, its cause and its remedy. */
  async execute(
    { username }: Actor,
    asked: AdoptionRequest,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'>,
  ): Promise<RunAccepted> {
    const asking = { kind: 'adopt-vm', requestedBy: username, asked, ...origin } as const;
    return (await this.startRun.earlier(asking)) ?? this.start(asking, asked);
  }

  private async start(asking: Asking, asked: AdoptionRequest): Promise<RunAccepted> {
    await this.requireReferences(asked);
    const { instanceUuid, name, address: found } = await findSought(this.database.manager, asked);
    await this.requireNew(asked.vcenterId, instanceUuid);
    const address = canonicalAddress(found);
    const request: MachineAdoption = { ...asked, name, address, instanceUuid };
    return this.startRun.execute({
      ...asking,
      kind: 'adopt-vm',
      target: name,
      request: { ...request },
      plan: planFor('adopt-vm'),
      reserve: { hostname: name, address },
    });
  }

  private async requireReferences(asked: AdoptionRequest): Promise<void> {
    const { manager } = this.database;
    const { vcenterId } = asked;
    const isKnown = await manager.existsBy(VCenterEntity, { id: vcenterId });
    const problems = [
      ...(isKnown ? [] : [{ path: 'vcenterId', message: `no vCenter has the id ${vcenterId}` }]),
      ...(await missingReferences(manager, asked)),
    ];
    if (problems.length > 0) {
      throw unknownObjects(problems);
    }
  }

  private async requireNew(vcenterId: string, vmInstanceUuid: string): Promise<void> {
    const where = { vcenterId, vmInstanceUuid, archivedAt: IsNull() };
    const host = await this.database.manager.findOneBy(HostEntity, where);
    if (host) {
      const link = `${API_PREFIX}/${ROUTES.hosts}/${host.id}`;
      throw new Refusal({
        code: 'already-a-host',
        detail: `This virtual machine is the host ${host.name} already.`,
        remedy: 'Use that host, or archive it first.',
        heldBy: { type: 'host', id: host.id, name: host.name, link },
      });
    }
  }
}
