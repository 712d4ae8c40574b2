import type { GuestIdentity } from '@diaken/provisioning';
import * as z from 'zod';

/** What a Windows guest is asked, in PowerShell. */
export const WHO_IS_THERE = `
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$networks = @(Get-CimInstance Win32_NetworkAdapterConfiguration -Filter 'IPEnabled=True')
@{
  name = $env:COMPUTERNAME
  uuid = (Get-CimInstance Win32_ComputerSystemProduct).UUID
  addresses = @($networks | ForEach-Object { $_.IPAddress })
  gateways = @($networks | ForEach-Object { $_.DefaultIPGateway } | Where-Object { $_ })
} | ConvertTo-Json -Compress
`;

const texts = z.array(z.string()).nullish();
const Said = z.object({
  name: z.string().max(253),
  uuid: z.guid().transform((uuid) => uuid.toLowerCase()),
  addresses: texts,
  gateways: texts,
});

const isIPv4 = (text: string) => z.ipv4().safeParse(text).success;

/** Reads the answer; undefined when it is none. What a guest says is not to be trusted. */
export function whoIsThere(output: string): Omit<GuestIdentity, 'hostKey'> | undefined {
  const { data } = Said.safeParse(json(output));
  return (
    data && {
      // Windows writes it in capitals.
      hostName: data.name.toLowerCase(),
      productUuid: data.uuid,
      addresses: (data.addresses ?? []).filter(isIPv4),
      gateway: (data.gateways ?? []).find(isIPv4) ?? null,
    }
  );
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // PowerShell said something else
  }
}
