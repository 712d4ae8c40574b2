import { createHash } from 'node:crypto';
import { connect, TLSSocket } from 'node:tls';
import type { TlsPolicy } from '@diaken/contracts';
import { buildConnector } from 'undici';

/** The server's certificate is not the one that is pinned. */
export class PinMismatch extends Error {
  override readonly name = 'PinMismatch';

  constructor(
    /** SHA-256 of the certificate that the server showed, hex. */
    readonly shown: string,
  ) {
    super('The certificate is not the pinned one');
  }
}

/**
 * Opens connections as the policy says. Nothing is sent before the certificate has been accepted.
 * A pin is compared with the leaf certificate itself, so that its chain, names and dates do not matter.
 */
export function connectorFor(tls: TlsPolicy, timeoutMs: number): buildConnector.connector {
  const connector = buildConnector({
    timeout: timeoutMs,
    allowH2: false,
    // A resumed session would not show its certificate again.
    maxCachedSessions: 0,
    rejectUnauthorized: tls.mode === 'system' || tls.mode === 'ca',
    ...(tls.mode === 'ca' ? { ca: tls.caPem } : {}),
  });
  return tls.mode === 'pin' ? pinned(connector, tls.sha256) : connector;
}

function pinned(connector: buildConnector.connector, pin: string): buildConnector.connector {
  return (options, callback) =>
    connector(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      const shown = socket instanceof TLSSocket ? fingerprintOf(socket) : '';
      if (shown === pin.replaceAll(':', '').toLowerCase()) return callback(null, socket);
      socket.destroy();
      callback(new PinMismatch(shown), null);
    });
}

/** The SHA-256 of the certificate that a server shows, hex. Nothing else is asked of the server. */
export function readFingerprint(url: URL, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // Only looks at the certificate, to tell it to the operator: it is accepted for nothing.
    const socket = connect({ host, port: Number(url.port || 443), rejectUnauthorized: false });
    const answer = (fingerprint?: string) => {
      socket.destroy();
      resolve(fingerprint);
    };
    socket.setTimeout(timeoutMs, () => answer());
    socket.once('error', () => answer());
    socket.once('secureConnect', () => answer(fingerprintOf(socket)));
  });
}

function fingerprintOf(socket: TLSSocket): string {
  const { raw } = socket.getPeerCertificate();
  return createHash('sha256').update(raw).digest('hex');
}
