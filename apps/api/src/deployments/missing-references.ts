import { type FieldProblem, LOGIN_KINDS } from '@diaken/contracts';
import {
  CredentialEntity,
  EnvironmentEntity,
  GroupEntity,
  LibraryItemEntity,
} from '@diaken/persistence';
import { type EntityManager, In } from 'typeorm';

/** What a request may name by id. */
export interface References {
  readonly credentialId?: string | undefined;
  readonly environmentId?: string | null | undefined;
  /** Groups of that environment. */
  readonly groupIds?: readonly string[] | undefined;
  readonly playbookIds?: readonly string[] | undefined;
}

/** A problem for each id that names nothing. */
export async function missingReferences(
  manager: EntityManager,
  { credentialId, environmentId, groupIds = [], playbookIds = [] }: References,
): Promise<FieldProblem[]> {
  const [credential, environment, groups, playbooks] = await Promise.all([
    credentialId === undefined || manager.findOneBy(CredentialEntity, { id: credentialId }),
    environmentId == null || manager.existsBy(EnvironmentEntity, { id: environmentId }),
    manager.findBy(GroupEntity, { id: In([...groupIds]) }),
    manager.find(LibraryItemEntity, {
      select: { id: true },
      where: { id: In([...playbookIds]), kind: 'playbook' },
    }),
  ]);
  const known = new Set(playbooks.map(({ id }) => id));
  const problem = (path: string, noun: string, id: string | null | undefined) => ({
    path,
    message: `no ${noun} has the id ${id}`,
  });
  return [
    ...(credential === null ? [problem('credentialId', 'credential', credentialId)] : []),
    ...(credential instanceof CredentialEntity ? whyNoLogin(credential) : []),
    ...(environment ? [] : [problem('environmentId', 'environment', environmentId)]),
    ...groupProblems(groups, groupIds, environmentId),
    ...playbookIds.flatMap((id, index) =>
      known.has(id) ? [] : [problem(`playbookIds.${index}`, 'playbook', id)],
    ),
  ];
}

function whyNoLogin({ name, kind }: CredentialEntity): FieldProblem[] {
  const message = `${name} is of the kind ${kind}; a guest is logged in to with ${LOGIN_KINDS.join(' or ')}`;
  return LOGIN_KINDS.includes(kind) ? [] : [{ path: 'credentialId', message }];
}

function groupProblems(
  groups: readonly GroupEntity[],
  groupIds: readonly string[],
  environmentId: string | null | undefined,
): FieldProblem[] {
  return groupIds.flatMap((id, index) => {
    const group = groups.find((known) => known.id === id);
    if (group && group.environmentId === environmentId) {
      return [];
    }
    const message = group
      ? `the group ${group.name} is of another environment (${group.environmentId})`
      : `no group has the id ${id}`;
    return [{ path: `groupIds.${index}`, message }];
  });
}
