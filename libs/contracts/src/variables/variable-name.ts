import * as z from 'zod';

/** Names that Ansible or Python mean something else by. */
const RESERVED = [
  ...['hostvars', 'groups', 'group_names', 'inventory_hostname', 'inventory_hostname_short'],
  ...['inventory_dir', 'inventory_file', 'play_hosts', 'playbook_dir', 'role_name', 'role_names'],
  ...['role_path', 'omit', 'vars', 'lookup', 'query', 'environment', 'tags', 'no_log', 'become'],
  ...['True', 'False', 'None', 'true', 'false', 'none', 'and', 'as', 'if', 'in', 'is', 'not', 'or'],
  ...['else', 'for', 'import', 'lambda', 'with', 'while', 'class', 'def', 'del', 'return', 'from'],
];

/**
 * A name that a variable of ours may have. `ansible_*` is not for us: such variables say how Ansible connects, and as whom.
 * `diaken_*` is what our own playbooks are told.
 */
export const VariableName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z_]\w*$/, { error: 'must be an Ansible variable name' })
  .refine((name) => !/^ansible_/i.test(name), {
    error: 'ansible_* variables say how to connect and cannot be set; choose another name',
  })
  .refine((name) => !/^diaken_/i.test(name) && !RESERVED.includes(name), {
    error: 'is a name that Ansible or Diaken itself uses; choose another name',
  });
