import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import {
  createAuthority,
  ensurePki,
  inspectCertificate,
  isIssuedBy,
  issueCertificate,
  joinBundle,
  openLivePki,
  renewalDueMs,
  splitBundle,
} from './index.ts';
import type { Pki } from './index.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-pki-'));
  folders.push(folder);
  return folder;
}

describe('issueCertificate', () => {
  it('issues a leaf that OpenSSL verifies against the authority', async () => {
    const ca = await createAuthority('kubernetes');
    const leaf = await issueCertificate(ca, {
      commonName: 'system:node:worker-1',
      organizations: ['system:nodes'],
      sans: ['worker-1', '10.0.0.5', 'fd00::5'],
      usages: ['client', 'server'],
      days: 30,
    });
    const authority = new X509Certificate(ca.cert);
    const certificate = new X509Certificate(leaf.cert);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(authority.ca).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
    expect(certificate.checkHost('worker-1')).toBe('worker-1');
    expect(certificate.checkIP('10.0.0.5')).toBe('10.0.0.5');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']);
    expect(inspectCertificate(leaf.cert)).toMatchObject({
      commonName: 'system:node:worker-1',
      organizations: ['system:nodes'],
    });
  });

  it('never lets a leaf outlive its authority', async () => {
    const ca = await createAuthority('short', { days: 2 });
    const leaf = await issueCertificate(ca, { commonName: 'x', usages: ['client'], days: 365 });
    expect(inspectCertificate(leaf.cert).notAfter).toEqual(inspectCertificate(ca.cert).notAfter);
  });

  it('refuses to sign with a key that is no key', async () => {
    const ca = await createAuthority('kubernetes');
    await expect(
      issueCertificate({ cert: ca.cert, key: 'nonsense' }, { commonName: 'x', usages: [] }),
    ).rejects.toThrow();
  });
});

describe('ensurePki', () => {
  it('changes nothing the second time, and keeps keys private', async () => {
    const dir = await newFolder();
    const first = await ensurePki(dir, { apiServerSans: ['10.0.0.1'] });
    const second = await ensurePki(dir, { apiServerSans: ['10.0.0.1'] });
    expect(second).toEqual(first);
    expect((await stat(join(dir, 'ca.key'))).mode & 0o777).toBe(0o600);
    expect(inspectCertificate(first.apiServer.cert).sans).toContain('kubernetes.default.svc.cluster.local');
  });

  it('issues the server certificate anew when a name is added, and keeps the old names', async () => {
    const dir = await newFolder();
    const first = await ensurePki(dir, { apiServerSans: ['10.0.0.1'] });
    const second = await ensurePki(dir, { apiServerSans: ['master.example'] });
    expect(second.ca).toEqual(first.ca);
    expect(inspectCertificate(second.apiServer.cert).sans).toEqual(
      expect.arrayContaining(['10.0.0.1', 'master.example']),
    );
    expect(await readFile(join(dir, 'apiserver.crt'), 'utf8')).toBe(second.apiServer.cert);
  });

  it('works without the authority key as long as every certificate is there', async () => {
    const dir = await newFolder();
    await ensurePki(dir, { apiServerSans: [] });
    await rm(join(dir, 'ca.key'));
    const pki = await ensurePki(dir, { apiServerSans: ['other.example'] });
    expect(pki.ca.key).toBeUndefined();
    await rm(join(dir, 'apiserver.crt'));
    await expect(ensurePki(dir, { apiServerSans: [] })).rejects.toThrow('apiserver.crt is missing');
  });
});

describe('a pki folder under a running process', () => {
  async function opened(days?: number, others: readonly string[] = []) {
    const dir = await newFolder();
    const clock = createFakeClock(Date.now());
    const about = { clock, logger: silentLogger, lookMs: 1000, others };
    const pki = await openLivePki(dir, { apiServerSans: [], days }, about);
    const changes: Pki[] = [];
    pki.onDidChange((next) => void changes.push(next));
    const ending = new AbortController();
    const running = pki.run(ending.signal);
    const look = async (): Promise<void> => {
      await expect.poll(() => clock.pendingTimers, { interval: 5 }).toBe(1);
      await clock.advance(1000);
      await expect.poll(() => clock.pendingTimers, { interval: 5 }).toBe(1);
    };
    const end = async (): Promise<void> => {
      ending.abort();
      await running;
    };
    return { dir, pki, changes, look, end, clock };
  }

  it('tells of what others write, and of nothing else', async () => {
    const { dir, pki, changes, look, end } = await opened();
    await look();
    expect(changes).toEqual([]);
    const other = await issueCertificate(
      { cert: pki.current.ca.cert, key: pki.current.ca.key ?? '' },
      { commonName: 'kube-apiserver', sans: inspectCertificate(pki.current.apiServer.cert).sans, usages: ['server'] },
    );
    await writeFile(join(dir, 'apiserver.key'), other.key);
    await writeFile(join(dir, 'apiserver.crt'), other.cert);
    await look();
    expect(changes.map(({ apiServer }) => apiServer.cert)).toEqual([other.cert]);
    await end();
  });

  it('tells of certificates of other makers, which it does not touch', async () => {
    const other = join(await newFolder(), 'client.crt');
    await writeFile(other, 'one');
    const { changes, look, end } = await opened(undefined, [other]);
    await look();
    expect(changes).toEqual([]);
    await writeFile(other, 'another');
    await look();
    await look();
    expect(changes).toHaveLength(1);
    expect(await readFile(other, 'utf8')).toBe('another');
    await end();
  });

  it('renews at two thirds of a life, and keeps the owner’s mode', async () => {
    const dir = await newFolder();
    // An hour of skew before now belongs to the life: of 0.02 days (29 min) plus an hour, two thirds are over at once.
    const first = await ensurePki(dir, { apiServerSans: [], days: 0.02 });
    expect(renewalDueMs(first.apiServer.cert)).toBeLessThan(Date.now());
    const second = await ensurePki(dir, { apiServerSans: [] });
    expect(second.apiServer.cert).not.toBe(first.apiServer.cert);
    expect(second.etcdServer.cert).not.toBe(first.etcdServer.cert);
    expect(second.ca).toEqual(first.ca);
    expect((await stat(join(dir, 'etcd/server.key'))).mode & 0o777).toBe(0o600);
  });

  it('reissues under a new authority and trusts both meanwhile', async () => {
    const dir = await newFolder();
    const first = await ensurePki(dir, { apiServerSans: [] });
    const next = await createAuthority('kubernetes');
    await writeFile(join(dir, 'ca.crt'), joinBundle(first.ca.cert, next.cert));
    const both = await ensurePki(dir, { apiServerSans: [] });
    expect(both.apiServer).toEqual(first.apiServer);
    await writeFile(join(dir, 'ca.crt'), joinBundle(next.cert, first.ca.cert));
    await writeFile(join(dir, 'ca.key'), next.key);
    const reissued = await ensurePki(dir, { apiServerSans: [] });
    expect(isIssuedBy(reissued.apiServer.cert, next.cert)).toBe(true);
    expect(splitBundle(reissued.ca.cert)).toEqual([next.cert, first.ca.cert]);
  });
});
