import { isIPv4 } from 'node:net';
import { numberOf, objectOf, objectsOf, textOf, textsOf, type VimValue } from '../soap/vim-value';

/** What VMware Tools report of an adapter that is not one of the virtual hardware, such as a bridge. */
const NO_DEVICE = -1;

/** IPv4 addresses that the guest has on adapters with these MACs, link-local ones left out. */
export function addressesOn(
  macs: readonly string[],
  guestNet: VimValue | undefined,
): readonly string[] {
  return reportedOn(macs, guestNet).filter(
    (address) => isIPv4(address) && !address.startsWith('169.254.'),
  );
}

/** All that VMware Tools report as addresses of adapters with these MACs, each once. */
export function reportedOn(
  macs: readonly string[],
  guestNet: VimValue | undefined,
): readonly string[] {
  const addresses = objectsOf(guestNet)
    .filter((nic) => numberOf(nic['deviceConfigId']) !== NO_DEVICE)
    .filter((nic) => macs.includes(textOf(nic['macAddress']).toLowerCase()))
    .flatMap((nic) => [...textsOf(nic['ipAddress']), ...configured(nic['ipConfig'])]);
  return [...new Set(addresses)];
}

function configured(ipConfig: VimValue | undefined): readonly string[] {
  return objectsOf(objectOf(ipConfig)['ipAddress']).map((each) => textOf(each['ipAddress']));
}
