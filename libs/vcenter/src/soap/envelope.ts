import { serialize } from './serialize';
import type { VimObject } from './vim-value';

const OPENING =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' +
  ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soapenv:Body>';
const CLOSING = '</soapenv:Body></soapenv:Envelope>';

/** The SOAP message that calls a method, for example `CloneVM_Task`. */
export function envelope(method: string, parameters: VimObject): string {
  const type = `${method.replace(/_Task$/, '')}RequestType`;
  return `${OPENING}${serialize(method, type, parameters, ' xmlns="urn:vim25"')}${CLOSING}`;
}
