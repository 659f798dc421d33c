// A pki folder on disk. ensurePki makes what is missing and renews what is about to end or lacks a name; what is good
// stays as it is, so two calls in a row change nothing. Renewal is due at two thirds of a certificate's life. Without an authority's key (a master joined by the provisioner
// may hold none) its leaves are only checked for presence. Files are written whole (rename), keys as 0600.
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { chown, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createAuthority, createSigningKeys, inspectCertificate, issueCertificate } from './certificate.ts';
import type { Authority, CertificateRequest, KeyedCertificate } from './certificate.ts';
import { pkiFiles } from './layout.ts';
import { isIssuedBy, renewalDueMs } from './trust.ts';

export interface PkiOptions {
  /** Names and addresses that the API server answers to, besides the standard ones. */
  readonly apiServerSans: readonly string[];
  /** Names and addresses of this machine's etcd member; loopback is always in. */
  readonly etcdSans?: readonly string[];
  readonly clusterDomain?: string;
  /** Lifetime of issued certificates, default a year. */
  readonly days?: number;
}

/** The certificates a control plane works with, read from the folder. Absent keys mean: this machine does not hold them. */
export interface Pki {
  readonly dir: string;
  readonly ca: { readonly cert: string; readonly key: string | undefined };
  readonly apiServer: KeyedCertificate;
  readonly kubeletClient: KeyedCertificate;
  readonly etcdClient: KeyedCertificate;
  readonly etcdServer: KeyedCertificate;
  readonly etcdCa: { readonly cert: string };
  readonly frontProxyCa: { readonly cert: string };
  readonly frontProxyClient: KeyedCertificate;
  readonly serviceAccount: { readonly privateKey: string; readonly publicKey: string };
}

interface FilePair {
  readonly cert: string;
  readonly key: string;
}

/** Makes or completes the folder and reads it. */
export async function ensurePki(dir: string, options: PkiOptions): Promise<Pki> {
  await mkdir(join(dir, 'etcd'), { recursive: true, mode: 0o700 });
  const [ca, etcdCa, frontProxyCa] = await Promise.all([
    ensureAuthority(dir, pkiFiles.ca, 'kubernetes'),
    ensureAuthority(dir, pkiFiles.etcdCa, 'etcd-ca'),
    ensureAuthority(dir, pkiFiles.frontProxyCa, 'front-proxy-ca'),
  ]);
  const days = options.days ?? 365;
  const leaf = (issuer: Partial<Authority>, files: FilePair, request: CertificateRequest): Promise<KeyedCertificate> =>
    ensureLeaf(dir, issuer, files, { days, ...request });
  const client = (commonName: string, ...organizations: string[]): CertificateRequest => ({
    commonName,
    organizations,
    usages: ['client'],
  });
  const etcdSans = ['localhost', '127.0.0.1', ...(options.etcdSans ?? [])];
  const [apiServer, kubeletClient, etcdClient, etcdServer, , frontProxyClient, serviceAccount] = await Promise.all([
    leaf(ca, pkiFiles.apiServer, { commonName: 'kube-apiserver', sans: apiServerSans(options), usages: ['server'] }),
    leaf(ca, pkiFiles.kubeletClient, client('kube-apiserver-kubelet-client', 'system:masters')),
    leaf(etcdCa, pkiFiles.etcdClient, client('kube-apiserver-etcd-client')),
    leaf(etcdCa, pkiFiles.etcdServer, { commonName: 'etcd', sans: etcdSans, usages: ['server', 'client'] }),
    leaf(etcdCa, pkiFiles.etcdPeer, { commonName: 'etcd', sans: etcdSans, usages: ['server', 'client'] }),
    leaf(frontProxyCa, pkiFiles.frontProxyClient, client('front-proxy-client')),
    ensureSigningKeys(dir),
  ]);
  return {
    dir,
    ca,
    apiServer,
    kubeletClient,
    etcdClient,
    etcdServer,
    etcdCa,
    frontProxyCa,
    frontProxyClient,
    serviceAccount,
  };
}

function apiServerSans(options: PkiOptions): string[] {
  const inside = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const domain = options.clusterDomain ?? 'cluster.local';
  return ['localhost', '127.0.0.1', ...inside, `kubernetes.default.svc.${domain}`, ...options.apiServerSans];
}

async function ensureAuthority(
  dir: string,
  files: FilePair,
  commonName: string,
): Promise<{ cert: string; key: string | undefined }> {
  const cert = await readIfPresent(join(dir, files.cert));
  const key = await readIfPresent(join(dir, files.key));
  // A key of another authority (somebody is just replacing both) must not sign in this one's name.
  if (cert !== undefined) return { cert, key: key !== undefined && belongsTo(key, cert) ? key : undefined };
  if (key !== undefined)
    throw new Error(`${join(dir, files.key)} is there but its certificate ${files.cert} is missing`);
  const authority = await createAuthority(commonName);
  await writePair(dir, files, authority);
  return authority;
}

function belongsTo(key: string, cert: string): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

async function ensureLeaf(
  dir: string,
  issuer: Partial<Authority>,
  files: FilePair,
  request: CertificateRequest,
): Promise<KeyedCertificate> {
  const cert = await readIfPresent(join(dir, files.cert));
  const key = await readIfPresent(join(dir, files.key));
  const present = cert !== undefined && key !== undefined ? { cert, key } : undefined;
  if (present && (issuer.key === undefined || !needsRenewal(present.cert, issuer.cert ?? '', request))) return present;
  if (issuer.cert === undefined || issuer.key === undefined) {
    throw new Error(`${join(dir, files.cert)} is missing, and so is the authority's key to make it with`);
  }
  const names = present ? inspectCertificate(present.cert).sans : [];
  const issued = await issueCertificate(
    { cert: issuer.cert, key: issuer.key },
    { ...request, sans: [...(request.sans ?? []), ...names] },
  );
  await writePair(dir, files, issued);
  return issued;
}

/** Due by age, of another authority than the signing one, or without a name that is asked for. */
function needsRenewal(cert: string, authority: string, request: CertificateRequest): boolean {
  if (Date.now() >= renewalDueMs(cert) || !isIssuedBy(cert, authority)) return true;
  const { sans } = inspectCertificate(cert);
  return (request.sans ?? []).some((name) => !sans.includes(name));
}

async function ensureSigningKeys(dir: string): Promise<{ privateKey: string; publicKey: string }> {
  const files = pkiFiles.serviceAccount;
  const privateKey = await readIfPresent(join(dir, files.privateKey));
  const publicKey = await readIfPresent(join(dir, files.publicKey));
  if (privateKey !== undefined && publicKey !== undefined) return { privateKey, publicKey };
  const keys = await createSigningKeys();
  await writeWhole(join(dir, files.privateKey), keys.privateKey, 0o600);
  await writeWhole(join(dir, files.publicKey), keys.publicKey, 0o644);
  return keys;
}

async function writePair(dir: string, files: FilePair, pair: KeyedCertificate): Promise<void> {
  await writeWhole(join(dir, files.key), pair.key, 0o600);
  await writeWhole(join(dir, files.cert), pair.cert, 0o644);
}

/** The file that takes the place of another keeps its owner: etcd reads its keys as its own user. */
async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.new`;
  const before = await stat(path).catch(() => undefined);
  await writeFile(unfinished, text, { mode });
  if (before !== undefined && before.uid !== process.getuid?.()) await chown(unfinished, before.uid, before.gid);
  await rename(unfinished, path);
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
