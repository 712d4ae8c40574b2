import { Injectable } from '@nestjs/common';
import type { HostKeyReading, RunAccepted } from '@diaken/contracts';
import { CredentialEntity, HostEntity } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import type { Actor } from '../http/access';
import { invalid, notFound } from '../http/refusal';
import { type Asking, StartRun } from '../runs/start-run';
import { archivedAlready } from './kept-hosts';

/** Asks a worker to read and pin the host key that a host has now. */
@Injectable()
export class StartHostKeyReading {
  constructor(
    private readonly database: DataSource,
    private readonly startRun: StartRun,
  ) {}

  /** Throws a refusal when nothing would prove who answers. */
  async execute(
    { username }: Actor,
    hostId: string,
    { fingerprint }: HostKeyReading,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'>,
  ): Promise<RunAccepted> {
    const request = { hostId, ...(fingerprint !== undefined && { fingerprint }) };
    const host = await this.database.manager.findOneBy(HostEntity, { id: hostId });
    if (!host) {
      throw notFound('host', hostId);
    }
    if (host.archivedAt) {
      throw archivedAlready();
    }
    const why = fingerprint === undefined && (await this.whyFingerprint(host));
    if (why) {
      throw invalid([{ path: 'fingerprint', message: why }]);
    }
    return this.startRun.execute({
      ...{ kind: 'read-host-key', requestedBy: username, target: host.name },
      ...{ request, asked: request, plan: planFor('read-host-key') },
      ...origin,
    });
  }

  private async whyFingerprint({
    vcenterId,
    credentialId,
  }: HostEntity): Promise<string | undefined> {
    if (vcenterId === null) {
      return 'is needed: the host is linked to no virtual machine, so nothing else tells which machine answers';
    }
    const id = credentialId ?? undefined;
    const credential = id && (await this.database.manager.findOneBy(CredentialEntity, { id }));
    return credential && (credential.kind !== 'ssh-key' || credential.hasBecomePassword)
      ? 'is needed: the credential of the host has a password, which whoever answers would be told'
      : undefined;
  }
}
