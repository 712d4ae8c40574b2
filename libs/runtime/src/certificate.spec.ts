import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readCertificates, UnusableCertificate } from './certificate';

describe('a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diaken-certificate-'));
  let web: ReturnType<typeof made>;
  let other: ReturnType<typeof made>;
  beforeAll(() => {
    web = made('web', 30);
    other = made('other', 10);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function made(name: string, days: number) {
    const [key, certificate, locked] = ['key', 'pem', 'locked'].map((end) =>
      join(folder, `${name}.${end}`),
    ) as [string, string, string];
    const subject = `/O=Example/CN=${name}.example.net`;
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const options = ['-x509', ...kind, '-keyout', key, '-out', certificate, '-subj', subject];
    execFileSync('openssl', ['req', ...options, '-days', String(days)], { stdio: 'ignore' });
    const protect = ['-aes256', '-passout', 'pass:open sesame', '-out', locked];
    execFileSync('openssl', ['pkey', '-in', key, ...protect]);
    const text = (file: string) => readFileSync(file, 'utf8');
    return { certificate: text(certificate), key: text(key), locked: text(locked) };
  }

  it('says whose it is, and when the first of a chain expires', () => {
    const facts = readCertificates(web.certificate + other.certificate, { privateKey: web.key });
    expect(facts).toMatchObject({
      subject: 'O=Example, CN=web.example.net',
      issuer: 'O=Example, CN=web.example.net',
      fingerprint: expect.stringMatching(/^SHA256:([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    });
    expect(facts.expiresAt).toEqual(readCertificates(other.certificate).expiresAt);
  });

  it('opens its key with the passphrase', () => {
    const key = { privateKey: web.locked, passphrase: 'open sesame' };
    expect(readCertificates(web.certificate, key).subject).toContain('web');
  });

  it('is refused when it has expired', () => {
    vi.useFakeTimers({ now: Date.now() + 20 * 24 * 60 * 60_000 });
    expect(problemOf(web.certificate + other.certificate)).toMatchObject({
      field: 'certificate',
      message: expect.stringMatching(/^has expired on .*other.example.net/),
    });
    vi.useRealTimers();
  });

  it.each([
    ['another key', () => ({ privateKey: other.key }), 'privateKey', 'belongs to another'],
    ['no passphrase', () => ({ privateKey: web.locked }), 'passphrase', 'is needed'],
    [
      'a wrong passphrase',
      () => ({ privateKey: web.locked, passphrase: 'x' }),
      'passphrase',
      'does not open',
    ],
    ['a damaged key', () => ({ privateKey: 'x' }), 'privateKey', 'cannot be read'],
  ])('is refused with %s', (_what, key, field, message) => {
    const problem = problemOf(web.certificate, key());
    expect(problem).toMatchObject({ field, message: expect.stringContaining(message) });
  });

  it.each(['', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'is not %j',
    (text) => expect(problemOf(text).field).toBe('certificate'),
  );

  function problemOf(...given: Parameters<typeof readCertificates>): UnusableCertificate {
    try {
      readCertificates(...given);
    } catch (error) {
      if (error instanceof UnusableCertificate) {
        return error;
      }
      throw error;
    }
    throw new Error('The certificate was taken.');
  }
});
