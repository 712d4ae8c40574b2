import type { HostArchive, HostContact, HostView } from '@diaken/contracts';
import type { GroupedHost, HostEntity } from '@diaken/persistence';

/** A host as the API shows it. */
export function toHostView({ host, groupIds }: GroupedHost): HostView {
  const { id, name, address, sshPort, osFamily, description, hostKey, createdAt } = host;
  const { credentialId, environmentId, vcenterId, vmMoRef, vmInstanceUuid, createdByRun } = host;
  return {
    ...{ id, name, address, sshPort, osFamily, description, hostKey, credentialId },
    ...{ environmentId, groupIds: [...groupIds], vcenterId, vmMoRef, vmInstanceUuid, createdByRun },
    contact: contactOf(host),
    archived: archiveOf(host),
    createdAt: createdAt.toISOString(),
  };
}

function contactOf(host: HostEntity): HostContact | null {
  const { checkedAt, checkedByRun, reachableSince, checkFailure } = host;
  return (
    checkedAt && {
      checkedAt: checkedAt.toISOString(),
      runId: checkedByRun,
      reachableSince: reachableSince?.toISOString() ?? null,
      failure: checkFailure,
    }
  );
}

function archiveOf({ archivedAt, archivedBy, archivedAs }: HostEntity): HostArchive | null {
  return (
    archivedAt &&
    archivedAs && { at: archivedAt.toISOString(), by: archivedBy ?? '', ...archivedAs }
  );
}
