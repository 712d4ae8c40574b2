import {
  type DeploymentRequest,
  type FieldProblem,
  guestOf,
  type GuestSettings,
  type ObjectRef,
  type Placement,
} from '@diaken/contracts';
import { TemplateProfileEntity } from '@diaken/persistence';
import type { EntityManager } from 'typeorm';
import { invalid, Refusal } from '../http/refusal';
import type { OpenNetwork } from './guest-network';

const OF_STATIC = ['cidr', 'address'] as const;
const NOT_OF_DHCP = ['cidr', 'address', 'gateway', 'dns'] as const;

/** A request, its network with what a network profile says, and where it goes. */
interface PlacedRequest {
  readonly request: DeploymentRequest;
  readonly network: OpenNetwork;
  readonly placement: Pick<Placement, 'template'>;
}

/** How the guest of a request is made ready, as its template's profile says. Throws a refusal when the two disagree. */
export async function guestFor(
  manager: EntityManager,
  { request, network, placement: { template } }: PlacedRequest,
): Promise<GuestSettings> {
  const profile = await manager.findOneBy(TemplateProfileEntity, {
    vcenterId: request.vcenterId,
    templateMoRef: template.moRef,
  });
  const guest =
    profile?.settings ?? guestOf({ ...(request.osFamily && { osFamily: request.osFamily }) });
  const disagreements = disagreementsOf(request, guest);
  if (disagreements.length > 0) {
    throw notForTemplate(template, disagreements);
  }
  const missing = guest.address === 'static' ? missingFrom(request, network) : [];
  if (missing.length > 0) {
    throw invalid(missing);
  }
  return guest;
}

/** What a request with a static address has to say, unless a network profile does. */
function missingFrom({ network: asked }: DeploymentRequest, network: OpenNetwork): FieldProblem[] {
  const isKnown = { cidr: network.cidr, address: network.address ?? asked.profileId };
  return OF_STATIC.filter((field) => isKnown[field] === undefined).map((field) => ({
    path: `network.${field}`,
    message: 'is needed, unless a profileId names a network profile',
  }));
}

/** What a request says that its template's profile contradicts. */
function disagreementsOf(request: DeploymentRequest, guest: GuestSettings): FieldProblem[] {
  const { osFamily = guest.osFamily, playbookIds } = request;
  return [
    ...(osFamily === guest.osFamily
      ? []
      : [{ path: 'osFamily', message: `is ${guest.osFamily} by the template’s profile` }]),
    ...(guest.address === 'dhcp' ? saidDespiteDhcp(request) : []),
    ...(NOT_BY_US.includes(guest.guestInit) ? extraAddressesOf(request) : []),
    ...(playbookIds.length > 0 && guest.readiness !== 'login'
      ? [
          {
            path: 'playbookIds',
            message: `need a login, and the profile’s readiness is ${guest.readiness}`,
          },
        ]
      : []),
  ];
}

/** Ways in which only the first adapter is given its address, if any is. */
const NOT_BY_US: readonly GuestSettings['guestInit'][] = ['none', 'staging-address'];

function extraAddressesOf({ extraNetworks }: DeploymentRequest): FieldProblem[] {
  return extraNetworks.flatMap(({ address }, index) =>
    address === undefined
      ? []
      : [
          {
            path: `extraNetworks.${index}.address`,
            message: 'cannot be given to guests of this template; leave it and cidr out',
          },
        ],
  );
}

function saidDespiteDhcp({ network }: DeploymentRequest): FieldProblem[] {
  const isSaid = (value: unknown) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined;
  return NOT_OF_DHCP.filter((field) => isSaid(network[field])).map((field) => ({
    path: `network.${field}`,
    message: 'comes from a DHCP server by the template’s profile; leave it out',
  }));
}

function notForTemplate({ name }: ObjectRef, errors: readonly FieldProblem[]): Refusal {
  const [first] = errors;
  return new Refusal({
    code: 'not-for-template',
    detail: `${first?.path}: ${first?.message}`,
    remedy: `Leave the fields named in errors to the profile of ${name} (GET /template-profiles), or have the profile changed.`,
    errors,
  });
}
