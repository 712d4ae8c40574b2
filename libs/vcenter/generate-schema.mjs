#!/usr/bin/env node
// Writes src/schema/vim25.generated.json from govmomi's Go types:
//   node libs/vcenter/generate-schema.mjs [types.go]
// Debian: apt-get install golang-github-vmware-govmomi-dev (govmomi 0.24.2, vSphere API 7.0, Apache-2.0).
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const source =
  process.argv[2] ?? '/usr/share/gocode/src/github.com/vmware/govmomi/vim25/types/types.go';
const target = join(import.meta.dirname, 'src/schema/vim25.generated.json');

/** Methods that the adapter calls: their request and response types. */
const METHODS = [
  'CancelTask',
  'CloneVM',
  'ContinueRetrievePropertiesEx',
  'CreateFilter',
  'CreatePropertyCollector',
  'CustomizeVM',
  'Destroy',
  'DestroyPropertyCollector',
  'FindByIp',
  'FindByUuid',
  'FindChild',
  'HasPrivilegeOnEntities',
  'Login',
  'Logout',
  'PowerOffVM',
  'PowerOnVM',
  'RebootGuest',
  'ReconfigVM',
  'ResetVM',
  'RetrievePropertiesEx',
  'RetrieveServiceContent',
  'ShutdownGuest',
  'SuspendVM',
  'WaitForUpdatesEx',
];

/** What property values hold, and subclasses that no field names. */
const TYPES = [
  'CustomizationDhcpIpGenerator',
  'CustomizationFixedIp',
  'CustomizationFixedName',
  'CustomizationLinuxOptions',
  'CustomizationLinuxPrep',
  'CustomizationSysprep',
  'CustomizationWinOptions',
  'GuestNicInfo',
  'LocalizedMethodFault',
  'OptionValue',
  'Tag',
  'TraversalSpec',
  'VirtualDisk',
];

/** Everything derived from these: devices are sent back as they were read, and of controllers the kind matters. */
const FAMILIES = [
  'VirtualController:',
  'VirtualDeviceBackingInfo:VirtualDisk',
  'VirtualDeviceBackingInfo:VirtualEthernetCard',
  'VirtualEthernetCard:',
];

/** Faults that have a text of their own, and all that are derived from them: name and base only. */
const FAULTS = [
  'AlreadyBeingManaged',
  'ConcurrentAccess',
  'CustomizationFault',
  'DuplicateName',
  'FileFault',
  'HostCommunication',
  'HostNotConnected',
  'InsufficientResourcesFault',
  'InvalidArgument',
  'InvalidDatastore',
  'InvalidLogin',
  'InvalidName',
  'InvalidPowerState',
  'InvalidState',
  'ManagedObjectNotFound',
  'MigrationFault',
  'NoPermission',
  'NotAuthenticated',
  'NotEnoughLicenses',
  'NotSupported',
  'RequestCanceled',
  'RestrictedVersion',
  'SystemError',
  'TaskInProgress',
  'Timedout',
  'ToolsUnavailable',
  'VmConfigFault',
];

/** Fields left out: large branches of types that the adapter neither sends nor reads. */
const PRUNED = new Set([
  'VirtualMachineConfigSpec.vAppConfig',
  'VirtualMachineConfigSpec.vAppConfigRemoved',
  'VirtualMachineConfigSpec.vmProfile',
]);

const XSD = {
  AnyType: 'anyType',
  bool: 'boolean',
  byte: 'byte',
  int: 'int',
  int16: 'short',
  int32: 'int',
  int64: 'long',
  float32: 'float',
  float64: 'double',
  string: 'string',
  'time.Time': 'dateTime',
  url: 'anyURI',
};

/** Reads every struct: name -> { base, fields in wire order }. */
function readStructs(text) {
  const structs = new Map();
  for (const [, name, body] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const struct = { base: '', fields: [] };
    for (const line of body.split('\n').map((each) => each.trim())) {
      if (/^\w+$/.test(line)) struct.base = line;
      const field = /^\w+\s+(\S+)\s+`xml:"([^"]+)"/.exec(line);
      if (field) struct.fields.push(readField(field[1], field[2]));
    }
    structs.set(name, struct);
  }
  return structs;
}

function readField(goType, tag) {
  const [name, ...options] = tag.split(',');
  const bytes = goType === '[]byte';
  const list = goType.startsWith('[]') && !bytes;
  const required = !options.includes('omitempty') && !goType.startsWith('*');
  const type = bytes ? 'base64Binary' : goType.replace(/^\[\]/, '').replace(/^\*/, '');
  return { name, type: type.replace(/^Base(?=[A-Z])/, ''), list, required };
}

const structs = readStructs(readFileSync(source, 'utf8'));
const chosen = new Map();

function descends(name, ancestor) {
  for (let at = name; at; at = structs.get(at)?.base) if (at === ancestor) return true;
  return false;
}

function typeText({ type, list, required }) {
  const known = structs.has(type) || type === 'ManagedObjectReference';
  const text = known ? type : (XSD[type] ?? 'string'); // what is neither is an enumeration
  return `${text}${list ? '[]' : ''}${required ? '!' : ''}`;
}

/** Takes a type, its ancestors and all that its fields can hold. */
function take(name) {
  const struct = structs.get(name);
  if (!struct || chosen.has(name) || name === 'ManagedObjectReference') return;
  const fields = struct.fields.filter((field) => !PRUNED.has(`${name}.${field.name}`));
  chosen.set(name, [struct.base, ...fields.map((field) => `${field.name}:${typeText(field)}`)]);
  take(struct.base);
  for (const field of fields) take(field.type);
}

/** Takes a fault and its ancestors; fields of plain values and references only. */
function takeFault(name) {
  const struct = structs.get(name);
  if (!struct || chosen.has(name)) return;
  const plain = struct.fields.filter(({ type }) => !structs.has(type) || isReference(type));
  chosen.set(name, [struct.base, ...plain.map((field) => `${field.name}:${typeText(field)}`)]);
  takeFault(struct.base);
}

function isReference(type) {
  return type === 'ManagedObjectReference';
}

for (const method of METHODS) {
  take(`${method}RequestType`);
  take(`${method}_TaskResponse`);
  take(`${method}Response`);
}
for (const type of TYPES) take(type);
for (const family of FAMILIES) {
  const [ancestor, prefix] = family.split(':');
  for (const name of structs.keys()) {
    if (name.startsWith(prefix) && descends(name, ancestor)) take(name);
  }
}
for (const fault of FAULTS) {
  for (const name of structs.keys()) {
    if (descends(name, 'MethodFault') && descends(name, fault)) takeFault(name);
  }
}

const lines = [...chosen.keys()]
  .sort()
  .map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(chosen.get(name))}`);
const text = `{\n${lines.join(',\n')}\n}\n`;
writeFileSync(target, text);
console.log(
  `${chosen.size} types, ${text.length} bytes -> ${target.slice(dirname(target).length + 1)}`,
);
