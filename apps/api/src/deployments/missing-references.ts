import { type FieldProblem, SSH_KINDS } from '@diaken/contracts';
import { CredentialEntity, EnvironmentEntity, PlaybookEntity } from '@diaken/persistence';
import { type EntityManager, In } from 'typeorm';

/** What a request may name by id. */
export interface References {
  readonly credentialId?: string | undefined;
  readonly environmentId?: string | undefined;
  readonly playbookIds?: readonly string[] | undefined;
}

/** A problem for each id that names nothing. */
export async function missingReferences(
  manager: EntityManager,
  { credentialId, environmentId, playbookIds = [] }: References,
): Promise<FieldProblem[]> {
  const [credential, environment, playbooks] = await Promise.all([
    credentialId === undefined ? null : manager.findOneBy(CredentialEntity, { id: credentialId }),
    environmentId === undefined || manager.existsBy(EnvironmentEntity, { id: environmentId }),
    playbookIds.length === 0
      ? []
      : manager.find(PlaybookEntity, { select: { id: true }, where: { id: In(playbookIds) } }),
  ]);
  const known = new Set(playbooks.map(({ id }) => id));
  const problem = (path: string, noun: string, id: string | undefined) => ({
    path,
    message: `no ${noun} has the id ${id}`,
  });
  return [
    ...(credential || credentialId === undefined
      ? []
      : [problem('credentialId', 'credential', credentialId)]),
    ...(credential ? whyNoLogin(credential) : []),
    ...(environment ? [] : [problem('environmentId', 'environment', environmentId)]),
    ...playbookIds.flatMap((id, index) =>
      known.has(id) ? [] : [problem(`playbookIds.${index}`, 'playbook', id)],
    ),
  ];
}

function whyNoLogin({ name, kind }: CredentialEntity): FieldProblem[] {
  const message = `${name} is of the kind ${kind}; a guest is logged in to with ${SSH_KINDS.join(' or ')}`;
  return SSH_KINDS.includes(kind) ? [] : [{ path: 'credentialId', message }];
}
