// Trust in several authorities at once, while one takes over from another: a bundle is PEM texts one after the other, the
// signing authority first. Readers of a single certificate (also this house's own signing) read the first.
import { X509Certificate } from 'node:crypto';
import { inspectCertificate } from './certificate.ts';

const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, each by itself, in order. */
export function splitBundle(pem: string): string[] {
  return (pem.match(certificatePattern) ?? []).map((certificate) => `${certificate}\n`);
}

/** A bundle of authorities without repetitions, the first one signing. */
export function joinBundle(...authorities: readonly string[]): string {
  return [...new Set(authorities.flatMap(splitBundle))].join('');
}

/** Whether the first certificate of `pem` was signed by the first authority of `authorities`. */
export function isIssuedBy(pem: string, authorities: string): boolean {
  const certificate = new X509Certificate(pem);
  const authority = new X509Certificate(authorities);
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** The share of its life after which a certificate is renewed. */
export const renewalShare: number = 2 / 3;

/** When the first certificate of `pem` is due for renewal, milliseconds since the epoch. */
export function renewalDueMs(pem: string): number {
  const { notBefore, notAfter } = inspectCertificate(pem);
  return notBefore.getTime() + renewalShare * (notAfter.getTime() - notBefore.getTime());
}
