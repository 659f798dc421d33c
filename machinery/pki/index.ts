// The cluster's certificates: made, signed, inspected, kept in a folder.
export {
  createAuthority,
  createSigningKeys,
  inspectCertificate,
  issueCertificate,
  signCertificateRequest,
} from './certificate.ts';
export type { Authority, CertificateFacts, CertificateRequest, KeyedCertificate } from './certificate.ts';
export { inspectCertificateRequest } from './certificate-request.ts';
export type { CertificateRequestFacts } from './certificate-request.ts';
export { createCertificateRequest } from './create-request.ts';
export type { KeyedRequest } from './create-request.ts';
export { ensurePki } from './ensure.ts';
export type { Pki, PkiOptions } from './ensure.ts';
export { pkiFiles } from './layout.ts';
export { openLivePki } from './live-pki.ts';
export type { LivePki, LivePkiOptions } from './live-pki.ts';
export { isIssuedBy, joinBundle, renewalDueMs, renewalShare, splitBundle } from './trust.ts';
