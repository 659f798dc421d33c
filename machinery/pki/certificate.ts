// X.509 for the cluster: authorities and the certificates they issue, P-256 only, PEM in and PEM out.
// Guarantees: random 127-bit serials, a start an hour in the past (machines' clocks differ), subject and authority
// key identifiers, and that a leaf never outlives its authority.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

/** The key types of whatever `crypto` this is compiled against: Node's own, or a browser's where its types are there. */
type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
type CryptoKeyPair = { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };

x509.cryptoProvider.set(crypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
const clockSkewMs = 3_600_000;

/** A certificate and its PKCS#8 private key, both PEM. */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What an authority signs with. */
export type Authority = KeyedCertificate;

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses. */
  readonly sans?: readonly string[];
  readonly usages: readonly ('server' | 'client')[];
  /** Lifetime in days, cut to the authority's own end. Default 365. */
  readonly days?: number;
}

/** A new self-signed authority, 10 years by default. */
export async function createAuthority(commonName: string, options: { days?: number } = {}): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: subject(commonName, []),
    ...validity(options.days ?? 3650),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(certificate), key: await exportPrivateKey(keys.privateKey) };
}

/** A new key pair with a certificate for it. */
export async function issueCertificate(ca: Authority, request: CertificateRequest): Promise<KeyedCertificate> {
  const keys = await generateKeys();
  return { cert: await signPublicKey(ca, keys.publicKey, request), key: await exportPrivateKey(keys.privateKey) };
}

/**
 * Signs the key of a PEM certificate signing request; subject, names and usages are the caller's decision.
 * Throws when the request's own signature is wrong.
 */
export async function signCertificateRequest(
  ca: Authority,
  csrPem: string,
  request: CertificateRequest,
): Promise<string> {
  const csr = new x509.Pkcs10CertificateRequest(csrPem);
  if (!(await csr.verify())) throw new Error('the certificate request is not signed by its own key');
  return signPublicKey(ca, await csr.publicKey.export(), request);
}

async function signPublicKey(ca: Authority, publicKey: CryptoKey, request: CertificateRequest): Promise<string> {
  const issuer = new x509.X509Certificate(firstCertificate(ca.cert));
  const times = validity(request.days ?? 365);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: subject(request.commonName, request.organizations ?? []),
    issuer: issuer.subjectName,
    notBefore: times.notBefore,
    notAfter: times.notAfter < issuer.notAfter ? times.notAfter : issuer.notAfter,
    signingKey: await importPrivateKey(ca.key),
    publicKey,
    signingAlgorithm: algorithm,
    extensions: await leafExtensions(issuer, publicKey, request),
  });
  return pem(certificate);
}

async function leafExtensions(
  issuer: x509.X509Certificate,
  publicKey: CryptoKey,
  request: CertificateRequest,
): Promise<x509.Extension[]> {
  const usages = request.usages.map((usage) => x509.ExtendedKeyUsage[usage === 'server' ? 'serverAuth' : 'clientAuth']);
  const names = [...new Set(request.sans ?? [])];
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension(usages),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuer),
  ];
  if (names.length > 0) {
    extensions.push(
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
    );
  }
  return extensions;
}

/** Who a certificate names, whom it serves and how long: what a reviewer, a renewer or a test asks. */
export interface CertificateFacts {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly sans: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Reads the first certificate of a PEM text. */
export function inspectCertificate(certPem: string): CertificateFacts {
  const certificate = new x509.X509Certificate(firstCertificate(certPem));
  const alternative = certificate.getExtension(x509.SubjectAlternativeNameExtension);
  return {
    commonName: certificate.subjectName.getField('CN')[0] ?? '',
    organizations: certificate.subjectName.getField('O'),
    sans: alternative ? alternative.names.items.map((name) => name.value) : [],
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  };
}

/** A P-256 key pair as PEM (PKCS#8 and SPKI), e.g. for signing service-account tokens. */
export async function createSigningKeys(): Promise<{ privateKey: string; publicKey: string }> {
  const keys = await generateKeys();
  const spki = await crypto.subtle.exportKey('spki', keys.publicKey);
  return {
    privateKey: await exportPrivateKey(keys.privateKey),
    publicKey: `${x509.PemConverter.encode(spki, 'PUBLIC KEY')}\n`,
  };
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;
}

async function exportPrivateKey(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

async function importPrivateKey(keyPem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(keyPem), algorithm, false, ['sign']);
}

/** Of a bundle, the first. */
function firstCertificate(text: string): string {
  return /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(text)?.[0] ?? text;
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40; // positive, and no leading zero
  return bytes.toString('hex');
}

function subject(commonName: string, organizations: readonly string[]): x509.JsonName {
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }];
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - clockSkewMs), notAfter: new Date(now + days * dayMs) };
}
