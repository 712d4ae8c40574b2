import type { GuestIdentity } from '@diaken/provisioning';
import * as z from 'zod';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const Links = z.array(
  z.object({
    addr_info: z.array(z.object({ family: z.string().optional(), local: z.string().optional() })),
  }),
);
const Routes = z.array(z.object({ dst: z.string(), gateway: z.string().optional() }));

/** What a guest is asked: a POSIX shell's script, so whatever the login's own shell is. No single quotes inside. */
const QUESTIONS = `
IFS= read -r WORD
PATH=$PATH:/usr/sbin:/sbin
FILE=/sys/class/dmi/id/product_uuid
echo "$1 hostname"
hostname 2>/dev/null || uname -n
echo "$1 uuid"
cat $FILE 2>/dev/null || sudo -n cat $FILE 2>/dev/null ||
  { [ -n "$WORD" ] && printf "%s\\n" "$WORD" | sudo -S -p "" cat $FILE 2>/dev/null; }
echo
echo "$1 addresses"
ip -j -4 addr show 2>/dev/null
echo
echo "$1 routes"
ip -j -4 route show default 2>/dev/null
echo
echo "$1 end"
`;

/** The command. Expects the become password, or an empty line, on its input. `mark`: unguessable, begins each answer. */
export function questions(mark: string): string {
  return `env LC_ALL=C sh -c '${QUESTIONS}' sh ${mark}`;
}

/** Reads the answers; undefined when the guest did not come to the end. What a guest says is not to be trusted. */
export function answers(output: string, mark: string): Omit<GuestIdentity, 'hostKey'> | undefined {
  const parts = new Map<string, string>();
  for (const part of output.split(`${mark} `).slice(1)) {
    const [name = '', ...lines] = part.split(/\r?\n/);
    parts.set(name.trim(), lines.join('\n').trim());
  }
  if (!parts.has('end')) {
    return undefined;
  }
  const uuid = (parts.get('uuid') ?? '').toLowerCase();
  return {
    hostName: (parts.get('hostname') ?? '').slice(0, 253),
    productUuid: UUID.test(uuid) ? uuid : null,
    addresses: addressesIn(parts.get('addresses') ?? ''),
    gateway: gatewayIn(parts.get('routes') ?? ''),
  };
}

function addressesIn(text: string): string[] {
  const links = Links.safeParse(json(text)).data ?? [];
  const addresses = links.flatMap(({ addr_info: all }) => all.map(({ local = '' }) => local));
  return addresses.filter((address) => isIPv4(address) && address !== '127.0.0.1');
}

function gatewayIn(text: string): string | null {
  const routes = Routes.safeParse(json(text)).data ?? [];
  return routes.find(({ gateway = '' }) => isIPv4(gateway))?.gateway ?? null;
}

function isIPv4(text: string): boolean {
  return z.ipv4().safeParse(text).success;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no ip command, or one from before it knew JSON
  }
}
