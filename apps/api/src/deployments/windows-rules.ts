import { type FieldProblem, type GuestSettings, SSH_KINDS } from '@diaken/contracts';
import { CredentialEntity } from '@diaken/persistence';
import type { EntityManager } from 'typeorm';
import { invalid } from '../http/refusal';
import { unknownObjects } from './unknown-objects';

/** The longest name of a Windows computer: NetBIOS cuts off what is longer. */
const LONGEST_NAME = 15;

/** Throws a refusal when a Windows machine cannot have the name. */
export function refuseNameFor({ osFamily }: GuestSettings, hostname: string): void {
  const problems = osFamily === 'windows' ? problemsOfName(hostname) : [];
  if (problems.length > 0) {
    throw invalid(problems.map((message): FieldProblem => ({ path: 'hostname', message })));
  }
}

/** Throws a refusal unless the credential logs in to guests of the family: Windows over WinRM, all others over SSH. */
export async function refuseLoginFor(
  { osFamily }: GuestSettings,
  credentialId: string,
  manager: EntityManager,
): Promise<void> {
  const credential = await manager.findOneBy(CredentialEntity, { id: credentialId });
  const kinds = osFamily === 'windows' ? (['winrm'] as const) : SSH_KINDS;
  if (credential && !kinds.some((kind) => kind === credential.kind)) {
    const { name, kind } = credential;
    const message = `${name} is of the kind ${kind}; a guest of the family ${osFamily} needs ${kinds.join(' or ')}`;
    throw unknownObjects([{ path: 'credentialId', message }]);
  }
}

function problemsOfName(hostname: string): string[] {
  const { length } = hostname;
  return [
    ...(length > LONGEST_NAME
      ? [
          `has ${length} characters, and the name of a Windows machine (NetBIOS) has ${LONGEST_NAME} at most`,
        ]
      : []),
    ...(/^\d+$/.test(hostname) ? ['must not be digits only: Windows refuses such a name'] : []),
  ];
}
