// Reads what a certificate signing request asks to be named; whether to grant it is the caller's decision.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

export interface CertificateRequestFacts {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** Reads a PEM certificate request. Throws when it is none. */
export function inspectCertificateRequest(csrPem: string): CertificateRequestFacts {
  const request = new x509.Pkcs10CertificateRequest(csrPem);
  const alternative = request.extensions.find((extension) => extension.type === '2.5.29.17');
  const names = alternative ? new x509.SubjectAlternativeNameExtension(alternative.rawData).names.items : [];
  const of = (type: string): string[] => names.filter((name) => name.type === type).map((name) => name.value);
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '',
    organizations: request.subjectName.getField('O'),
    dnsNames: of('dns'),
    ipAddresses: of('ip'),
  };
}
