import type { ListedHost } from '@diaken/persistence';
import { stringify } from 'yaml';

/** How Ansible is to read it. */
export type InventoryFormat = 'ini' | 'yaml' | 'json';

interface Member {
  readonly hosts: Record<string, object>;
  readonly children: Record<string, { readonly hosts: Record<string, object> }>;
}

/** Names that Ansible gives groups of its own. */
const RESERVED = ['all', 'ungrouped'];

/**
 * An inventory that Ansible reads by itself: a group for each environment, and below it its groups, named after both.
 * Says how to reach hosts, and nothing secret.
 */
export function ansibleInventory(hosts: readonly ListedHost[], format: InventoryFormat): string {
  const groups = groupsOf(hosts);
  if (format === 'ini') {
    return iniOf(hosts, groups);
  }
  const inventory = {
    all: {
      hosts: Object.fromEntries(hosts.map((host) => [host.name, variablesOf(host)])),
      children: Object.fromEntries(groups),
    },
  };
  return format === 'json' ? `${JSON.stringify(inventory, null, 2)}\n` : stringify(inventory);
}

function groupsOf(hosts: readonly ListedHost[]): Map<string, Member> {
  const names = new GroupNames();
  const groups = new Map<string, Member>();
  for (const { name, environment, groups: called } of hosts) {
    if (environment === null) {
      continue;
    }
    const parent = names.of(environment);
    const member = groups.get(parent) ?? { hosts: {}, children: {} };
    groups.set(parent, member);
    member.hosts[name] = {};
    for (const group of called) {
      const child = (member.children[names.of(`${environment}/${group}`)] ??= { hosts: {} });
      child.hosts[name] = {};
    }
  }
  return groups;
}

/** Gives each group a name that Ansible takes, and no name twice. */
class GroupNames {
  private readonly given = new Map<string, string>();

  of(called: string): string {
    const known = this.given.get(called);
    if (known !== undefined) {
      return known;
    }
    const plain = called.replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
    const taken = new Set([...RESERVED, ...this.given.values()]);
    let name = plain;
    for (let number = 2; taken.has(name); number++) {
      name = `${plain}_${number}`;
    }
    this.given.set(called, name);
    return name;
  }
}

function variablesOf({ address, sshPort, username }: ListedHost) {
  return { ansible_host: address, ansible_port: sshPort, ansible_user: username };
}

/** Names, addresses and users are of letters, digits and ._:- only, so that nothing has to be quoted. */
function iniOf(hosts: readonly ListedHost[], groups: ReadonlyMap<string, Member>): string {
  const lines = hosts.map((host) => {
    const variables = Object.entries(variablesOf(host)).map(([name, value]) => `${name}=${value}`);
    return [host.name, ...variables].join(' ');
  });
  const sections = [...groups].flatMap(([name, { hosts: members, children }]) => [
    section(name, Object.keys(members)),
    ...Object.entries(children).map(([child, { hosts: own }]) => section(child, Object.keys(own))),
    ...(Object.keys(children).length > 0
      ? [section(`${name}:children`, Object.keys(children))]
      : []),
  ]);
  return [`${lines.join('\n')}\n`, ...sections].join('\n');
}

function section(name: string, members: readonly string[]): string {
  return `[${name}]\n${members.join('\n')}\n`;
}
