import { describe, expect, it } from 'vitest';
import { envelope } from './envelope';
import { serialize } from './serialize';
import { MoRef, type VimObject } from './vim-value';

describe('serialize', () => {
  it('writes fields in the order of the wire, whatever the order of the object', () => {
    const spec = { memoryMB: 512, annotation: 'a', numCPUs: 2, instanceUuid: 'u' };
    expect(serialize('spec', 'VirtualMachineConfigSpec', spec)).toBe(
      '<spec><instanceUuid>u</instanceUuid><annotation>a</annotation>' +
        '<numCPUs>2</numCPUs><memoryMB>512</memoryMB></spec>',
    );
  });

  it('says the type where the field declares another', () => {
    const setting = { ip: { $type: 'CustomizationFixedIp', ipAddress: '192.0.2.1' } };
    expect(serialize('adapter', 'CustomizationIPSettings', setting)).toBe(
      '<adapter><ip xsi:type="CustomizationFixedIp"><ipAddress>192.0.2.1</ipAddress></ip></adapter>',
    );
  });

  it.each([
    ['text', 'xsd:string', 'text'],
    [true, 'xsd:boolean', 'true'],
    [7, 'xsd:int', '7'],
    [2 ** 40, 'xsd:long', '1099511627776'],
    [0.5, 'xsd:double', '0.5'],
    [new Date(0), 'xsd:dateTime', '1970-01-01T00:00:00.000Z'],
    [Buffer.from('hi'), 'xsd:base64Binary', 'aGk='],
  ])('says what %s is where anything may stand', (value, type, text) => {
    expect(serialize('o', 'OptionValue', { key: 'k', value })).toBe(
      `<o><key>k</key><value xsi:type="${type}">${text}</value></o>`,
    );
  });

  it('writes references with their type', () => {
    const parameters = { _this: new MoRef('Task', 'task-1') };
    expect(envelope('CancelTask', parameters)).toContain(
      '<soapenv:Body><CancelTask xmlns="urn:vim25"><_this type="Task">task-1</_this></CancelTask>',
    );
  });

  it('escapes what XML would misread', () => {
    const odd = `a<b>&"c"'d'\r\n]]>`;
    expect(serialize('o', 'OptionValue', { key: odd, value: '' })).toContain(
      '<key>a&lt;b&gt;&amp;&quot;c&quot;&apos;d&apos;&#xD;\n]]&gt;</key>',
    );
  });

  it.each<[string, VimObject, RegExp]>([
    ['a field that the type does not have', { key: 'k', value: 1, vlaue: 2 }, /no field vlaue/],
    ['a required field that is missing', { key: 'k' }, /needs the field value/],
    ['an unknown type', { $type: 'Unheard' }, /no type Unheard/],
    ['a list where there is one', { key: ['k'], value: 1 }, /is no list/],
    ['what XML cannot carry', { key: 'secret\u0000', value: 1 }, /^<key> holds a character/],
  ])('refuses %s', (_, value, words) => {
    const attempt = () => serialize('o', 'OptionValue', value);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(words);
    expect(attempt).not.toThrow(/secret/);
  });
});
