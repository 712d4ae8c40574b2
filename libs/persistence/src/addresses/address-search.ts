import { parseIpv4 } from '@diaken/contracts';

/** Something that a text can mean to somebody who searches addresses with it. */
export interface AddressSearch {
  readonly by: 'address' | 'address-beginning' | 'mac' | 'name';
  /** In the form in which it is looked for. */
  readonly text: string;
}

/** Pairs of hexadecimal digits, or the beginning of one, with or without separators between them. */
const MAC_PART = /^[0-9a-f]{1,2}(?:[:.-]?[0-9a-f]{1,2})*[:.-]?$/;

/** Everything that the text can mean. */
export function readSearch(search: string): readonly AddressSearch[] {
  const text = search.toLowerCase();
  if (parseIpv4(text) !== undefined) {
    return [{ by: 'address', text }];
  }
  const digits = text.replaceAll(/[:.-]/g, '');
  const isAddress = /^\d{1,3}\.(?:\d{1,3}\.?){0,3}$/.test(text);
  const isMac = MAC_PART.test(text) && digits.length >= 4 && digits.length <= 12;
  return [
    ...(isAddress ? [{ by: 'address-beginning', text } as const] : []),
    ...(isMac ? [{ by: 'mac', text: digits } as const] : []),
    { by: 'name', text },
  ];
}
