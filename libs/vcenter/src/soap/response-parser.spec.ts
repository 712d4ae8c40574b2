import { describe, expect, it } from 'vitest';
import { type NeededFields, ResponseParser } from './response-parser';
import { serialize } from './serialize';
import { MoRef, objectOf, type VimValue } from './vim-value';

const NAMESPACES =
  'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
  'xmlns:xsd="http://www.w3.org/2001/XMLSchema"';

/** Reads a body in pieces of a few characters. */
function parseBody(body: string, needed?: NeededFields): VimValue | undefined {
  const xml = `<soapenv:Envelope ${NAMESPACES}><soapenv:Header/><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
  const parser = new ResponseParser(needed);
  for (let at = 0; at < xml.length; at += 7) parser.write(xml.slice(at, at + 7));
  return parser.end()['Body'];
}

/** Reads the value of one property. */
function parseValue(value: string, needed?: NeededFields): VimValue | undefined {
  const body = objectOf(
    parseBody(
      '<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval><objects><obj type="Task">t</obj>' +
        `<propSet><name>n</name>${value}</propSet></objects></returnval></RetrievePropertiesExResponse>`,
      needed,
    ),
  );
  const { returnval } = objectOf(body['RetrievePropertiesExResponse']);
  const [object] = objectOf(returnval)['objects'] as [VimValue];
  const [property] = objectOf(object)['propSet'] as [VimValue];
  return objectOf(property)['val'];
}

describe('the parser', () => {
  it.each<[string, VimValue]>([
    ['<val xsi:type="xsd:string">12</val>', '12'],
    ['<val xsi:type="xsd:string"></val>', ''],
    ['<val xsi:type="xsd:int">12</val>', 12],
    ['<val xsi:type="xsd:boolean">true</val>', true],
    ['<val xsi:type="VirtualMachinePowerState">poweredOn</val>', 'poweredOn'],
    ['<val xsi:type="xsd:base64Binary">aGk=</val>', Buffer.from('hi')],
    [
      '<val type="HostSystem" xsi:type="ManagedObjectReference">a&amp;b</val>',
      new MoRef('HostSystem', 'a&b'),
    ],
    ['<val xsi:type="ArrayOfString"><string>a</string><string>b</string></val>', ['a', 'b']],
    ['<val xsi:type="ArrayOfInt"><int>1</int></val>', [1]],
    ['<val xsi:type="ArrayOfOptionValue"></val>', []],
  ])('reads %s', (xml, value) => {
    expect(parseValue(xml)).toEqual(value);
  });

  it('reads lists of references, of which there is one, as lists', () => {
    const xml =
      '<val xsi:type="ArrayOfManagedObjectReference">' +
      '<ManagedObjectReference type="Network" xsi:type="ManagedObjectReference">n-1</ManagedObjectReference></val>';
    expect(parseValue(xml)).toEqual([new MoRef('Network', 'n-1')]);
  });

  it('takes the type whatever prefix the server invents', () => {
    const xml =
      '<val xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" _XMLSchema-instance:type="xsd:long">5</val>';
    expect(parseValue(xml)).toBe(5);
  });

  it('reads devices with their types, also unknown ones by what they are derived from', () => {
    const xml =
      '<val xsi:type="ArrayOfVirtualDevice">' +
      '<VirtualDevice xsi:type="VirtualVmxnet3"><key>4000</key><macAddress>00:50</macAddress></VirtualDevice>' +
      '<VirtualDevice xsi:type="VirtualCdrom"><key>3000</key><strange>x</strange></VirtualDevice></val>';
    expect(parseValue(xml)).toEqual([
      { $type: 'VirtualVmxnet3', key: 4000, macAddress: '00:50' },
      { $type: 'VirtualCdrom', key: 3000 },
    ]);
  });

  it('leaves out fields of a newer server, so that a device can be sent back', () => {
    const xml =
      '<val xsi:type="VirtualVmxnet3"><key>4000</key><numaNode>1</numaNode>' +
      '<future><deep>1</deep></future></val>';
    const device = objectOf(parseValue(xml));
    expect(device).toEqual({ $type: 'VirtualVmxnet3', key: 4000 });
    expect(serialize('device', 'VirtualDevice', device)).toBe(
      '<device xsi:type="VirtualVmxnet3"><key>4000</key></device>',
    );
  });

  it('leaves out what a caller does not need, however deep it is', () => {
    const needed = (type: string) => (type === 'VirtualDisk' ? new Set(['key']) : undefined);
    const disk =
      '<val xsi:type="VirtualDisk"><key>2000</key><deviceInfo><label>Hard disk 1</label></deviceInfo>' +
      '<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>a</fileName></backing></val>';
    expect(parseValue(disk, needed)).toEqual({ $type: 'VirtualDisk', key: 2000 });
  });

  it('keeps an unknown type as it looks', () => {
    const xml = '<val xsi:type="Unheard"><a>1</a><b>2</b><b>3</b><c><d>4</d></c></val>';
    expect(parseValue(xml)).toEqual({ $type: 'Unheard', a: '1', b: ['2', '3'], c: { d: '4' } });
  });

  it('reads faults with their details', () => {
    const body = parseBody(
      '<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>No.</faultstring><detail>' +
        '<ManagedObjectNotFoundFault xmlns="urn:vim25" xsi:type="ManagedObjectNotFound">' +
        '<obj type="Task">task-1</obj></ManagedObjectNotFoundFault></detail></soapenv:Fault>',
    );
    expect(body).toEqual({
      Fault: {
        faultcode: 'ServerFaultCode',
        faultstring: 'No.',
        detail: {
          ManagedObjectNotFoundFault: {
            $type: 'ManagedObjectNotFound',
            obj: new MoRef('Task', 'task-1'),
          },
        },
      },
    });
  });

  it.each(['<a><b></a>', 'plain', '<a>'])('refuses %s', (text) => {
    const read = () => {
      const parser = new ResponseParser();
      parser.write(text);
      parser.end();
    };
    expect(read).toThrow();
  });
});
