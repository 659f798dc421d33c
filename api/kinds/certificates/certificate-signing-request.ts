// CertificateSigningRequest: a request for a certificate.
import {
  atomicList,
  bytes,
  define,
  int32,
  keyedList,
  list,
  map,
  oneOf,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { certificateSigningRequestPrinter } from '../printing/access-printers.ts';
import { validateSigningRequest, validateSigningRequestUpdate } from './signing-request-rules.ts';

export class CertificateSigningRequestSpec extends define('io.k8s.api.certificates.v1.CertificateSigningRequestSpec', {
  expirationSeconds: int32,
  extra: map(list(string)),
  groups: atomicList(string),
  request: required(bytes),
  signerName: required(string),
  uid: string,
  usages: atomicList(
    oneOf(
      'any',
      'cert sign',
      'client auth',
      'code signing',
      'content commitment',
      'crl sign',
      'data encipherment',
      'decipher only',
      'digital signature',
      'email protection',
      'encipher only',
      'ipsec end system',
      'ipsec tunnel',
      'ipsec user',
      'key agreement',
      'key encipherment',
      'microsoft sgc',
      'netscape sgc',
      'ocsp signing',
      's/mime',
      'server auth',
      'signing',
      'timestamping',
    ),
  ),
  username: string,
}) {}

export class CertificateSigningRequestCondition extends define(
  'io.k8s.api.certificates.v1.CertificateSigningRequestCondition',
  {
    lastTransitionTime: time,
    lastUpdateTime: time,
    message: string,
    reason: string,
    status: required(string),
    type: required(string),
  },
) {}

export class CertificateSigningRequestStatus extends define(
  'io.k8s.api.certificates.v1.CertificateSigningRequestStatus',
  {
    certificate: bytes,
    conditions: keyedList(CertificateSigningRequestCondition, 'type', { mergeKey: null }),
  },
) {}

export class CertificateSigningRequest extends kind('io.k8s.api.certificates.v1.CertificateSigningRequest', {
  spec: required(CertificateSigningRequestSpec),
  status: CertificateSigningRequestStatus,
}) {}

export const certificateSigningRequests: ResourceDefinition<CertificateSigningRequest> = resource(
  CertificateSigningRequest,
  {
    group: 'certificates.k8s.io',
    version: 'v1',
    plural: 'certificatesigningrequests',
    shortNames: ['csr'],
    namespaced: false,
    subresources: { approval: { verbs: ['get', 'patch', 'update'] }, status },
    selectableFields({ spec }) {
      return {
        'spec.signerName': spec.signerName,
      };
    },
    printer: certificateSigningRequestPrinter,
    validate: validateSigningRequest,
    validateUpdate: validateSigningRequestUpdate,
  },
);
