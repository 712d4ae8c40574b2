import { randomUUID } from 'node:crypto';
import { element, escape, type Ref, type SoapSession } from './soap';

/** A clone for a test; what is not given is left to vCenter. */
export interface CloneWish {
  readonly name: string;
  /** In 127.77.0.0/16 for a guest that really answers. */
  readonly address: string;
  readonly hostName?: string;
  readonly template?: string;
  readonly instanceUuid?: string;
  readonly powerOn?: boolean;
}

/** Clones a template, customized with a fixed address, and powers it on. */
export async function cloneMachine(session: SoapSession, wish: CloneWish): Promise<Ref> {
  const parameters = await cloneParameters(session, wish);
  const template = await session.find(`/DC0/vm/${wish.template ?? 'debian-12'}`);
  const clone = await session.task('CloneVM_Task', template, parameters);
  if (clone === undefined) {
    throw new Error('The clone has no reference');
  }
  return clone;
}

export async function cloneParameters(session: SoapSession, wish: CloneWish): Promise<string> {
  const [folder, pool, datastore] = await Promise.all([
    session.find('/DC0/vm'),
    session.find('/DC0/host/DC0_C0/Resources'),
    session.find('/DC0/datastore/LocalDS_0'),
  ]);
  return (
    `${element('folder', folder)}<name>${escape(wish.name)}</name><spec>` +
    `<location>${element('datastore', datastore)}${element('pool', pool)}</location>` +
    '<template>false</template>' +
    `<config><instanceUuid>${wish.instanceUuid ?? randomUUID()}</instanceUuid>` +
    '<annotation>made by a test</annotation><numCPUs>2</numCPUs><memoryMB>1024</memoryMB></config>' +
    `${customization(wish)}<powerOn>${wish.powerOn ?? true}</powerOn></spec>`
  );
}

function customization(wish: CloneWish): string {
  return (
    '<customization><identity xsi:type="CustomizationLinuxPrep">' +
    `<hostName xsi:type="CustomizationFixedName"><name>${wish.hostName ?? wish.name}</name></hostName>` +
    '<domain>lab.test</domain></identity>' +
    '<globalIPSettings><dnsServerList>192.0.2.53</dnsServerList></globalIPSettings>' +
    '<nicSettingMap><adapter><ip xsi:type="CustomizationFixedIp">' +
    `<ipAddress>${wish.address}</ipAddress></ip><subnetMask>255.255.0.0</subnetMask>` +
    '<gateway>127.77.0.1</gateway></adapter></nicSettingMap></customization>'
  );
}

export async function destroy(session: SoapSession, machine: Ref): Promise<void> {
  const power = await session.property(machine, 'runtime.powerState');
  if (power === 'poweredOn') {
    await session.task('PowerOffVM_Task', machine);
  }
  await session.task('Destroy_Task', machine);
}
