// A certificate request (PKCS #10) with a fresh key: what a person or a part asks a cluster's signer with.
import * as x509 from '@peculiar/x509';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

/** The request and its PKCS#8 private key, both PEM. */
export interface KeyedRequest {
  readonly csr: string;
  readonly key: string;
}

/** A request in the name of `commonName`, a member of `organizations` (Kubernetes' user and groups). */
export async function createCertificateRequest(
  commonName: string,
  organizations: readonly string[] = [],
  /** DNS names and IP addresses that a serving certificate is for. */
  sans: readonly string[] = [],
): Promise<KeyedRequest> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  const usable = await webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
  const { d: _secret, key_ops: _uses, ...open } = await webcrypto.subtle.exportKey('jwk', usable);
  const publicKey = await webcrypto.subtle.importKey('jwk', open, algorithm, true, ['verify']);
  const name = [...organizations.map((one) => ({ O: [one] })), { CN: [commonName] }];
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys: { privateKey: usable as never, publicKey: publicKey as never },
    signingAlgorithm: algorithm,
    extensions:
      sans.length === 0
        ? []
        : [
            new x509.SubjectAlternativeNameExtension(
              sans.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
            ),
          ],
  });
  return { csr: `${request.toString('pem')}\n`, key };
}
