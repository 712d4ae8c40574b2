import * as z from 'zod';
import { DeploymentRequest, HostName } from '../deployments/deployment-request';
import { pageOf } from '../paging/page';

/** Fields of a machine that a blueprint may leave to whoever deploys it. */
export const CHOOSABLE_FIELDS = [
  ...['template', 'datacenter', 'cluster', 'resourcePool', 'datastore', 'folder'],
  ...['size', 'cpus', 'memoryMb', 'diskGb', 'network.profileId'],
  ...['credentialId', 'environmentId', 'playbookIds'],
] as const;
const ChoosableField = z.enum(CHOOSABLE_FIELDS);
export type ChoosableField = z.infer<typeof ChoosableField>;

/** Stands in for the name that a machine of a blueprint gets, where a whole request has to be checked. */
const ANY_NAME = 'blueprint';

/** What `POST /blueprints` and `PUT /blueprints/:id` take: a machine without its name, and what may be chosen of it. */
export const BlueprintInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    description: z.string().max(2_000).default(''),
    request: z.record(z.string(), z.json()).meta({
      description:
        'What POST /deployments takes, without `hostname` and `network.address`: both are one machine’s.',
    }),
    choices: z.partialRecord(ChoosableField, z.array(z.json()).min(1).max(50)).default({}).meta({
      description:
        'Fields that may be chosen, and from what. What `request` says is the default, and always allowed.',
    }),
  })
  .superRefine((blueprint, context) => {
    for (const issue of problemsIn(blueprint)) {
      context.addIssue({ code: 'custom', ...issue });
    }
  })
  .meta({ id: 'BlueprintInput' });
export type BlueprintInput = z.infer<typeof BlueprintInput>;

/** A blueprint as the API shows it. */
export const BlueprintView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    request: z.record(z.string(), z.unknown()),
    choices: z.partialRecord(ChoosableField, z.array(z.unknown())),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Blueprint' });
export type BlueprintView = z.infer<typeof BlueprintView>;

export const BlueprintPage = pageOf(BlueprintView).meta({ id: 'BlueprintPage' });

/** What `POST /blueprints/:id/deploy` takes. */
export const BlueprintDeployment = z
  .strictObject({
    hostname: HostName,
    choices: z.partialRecord(ChoosableField, z.json()).default({}),
  })
  .meta({ id: 'BlueprintDeployment' });
export type BlueprintDeployment = z.infer<typeof BlueprintDeployment>;

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** What may be chosen of each field. */
export type BlueprintChoices = Readonly<Partial<Record<ChoosableField, readonly unknown[]>>>;

/** The request with one field set, however deep it is. */
export function withField(request: Fields, field: ChoosableField, value: unknown): Fields {
  const [outer = '', inner] = field.split('.');
  if (inner === undefined) {
    return { ...request, [outer]: value };
  }
  return { ...request, [outer]: { ...Object(request[outer]), [inner]: value } };
}

interface Wrong {
  readonly path: (string | number)[];
  readonly message: string;
}

function problemsIn({
  request,
  choices,
}: {
  readonly request: Fields;
  readonly choices: BlueprintChoices;
}): Wrong[] {
  const own = problemsOf(request, (path) => ['request', ...path]);
  if (own.length > 0) {
    return own;
  }
  return Object.entries(choices).flatMap(([field, values]) =>
    values.flatMap((value, index) =>
      problemsOf(withField(request, field as ChoosableField, value), () => [
        ...['choices', field, index],
      ]),
    ),
  );
}

/** What would be wrong with a machine of that request. */
function problemsOf(request: Fields, at: (path: (string | number)[]) => Wrong['path']): Wrong[] {
  const named = 'hostname' in request ? ['hostname'] : [];
  const addressed = 'address' in Object(request['network']) ? ['network', 'address'] : [];
  const fixed = [named, addressed]
    .filter((path) => path.length > 0)
    .map((path) => ({ path: at(path), message: 'is one machine’s; leave it out' }));
  const { error } = DeploymentRequest.safeParse({ ...request, hostname: ANY_NAME });
  const wrong = error?.issues.map(({ path, message }) => ({
    path: at(path.map((part) => (typeof part === 'number' ? part : String(part)))),
    message,
  }));
  return [...fixed, ...(wrong ?? [])];
}
