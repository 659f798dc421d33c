// Who asks for a certificate is written by this server and by nobody else (upstream's strategy for CertificateSigningRequests):
// approval by itself rests on it, so whatever a client says of itself is replaced, and nothing of it changes afterwards.
import type { CertificateSigningRequest } from '../../../api/kinds/certificates/index.ts';
import type { AdmissionPlugin } from './admission.ts';

/** Fills in the requester of a certificate request; runs after everything that may change the object. */
export const certificateRequester: AdmissionPlugin = {
  name: 'CertificateRequester',
  concerns: ({ operation, definition, subresource }) =>
    operation !== 'DELETE' &&
    subresource === '' &&
    definition.group === 'certificates.k8s.io' &&
    definition.plural === 'certificatesigningrequests',
  mutate({ operation, object, previous, user }) {
    const spec = (object as CertificateSigningRequest).spec as object;
    const { username, uid, groups, extra } =
      operation === 'CREATE' ? user : ((previous as CertificateSigningRequest | undefined)?.spec ?? user);
    const asker = {
      username,
      uid,
      groups: groups && [...groups],
      extra: extra && Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])),
    };
    // What nobody said is absent, not undefined: the spec is compared with the stored one.
    for (const [field, value] of Object.entries(asker)) {
      if (value === undefined) delete (spec as Record<string, unknown>)[field];
      else (spec as Record<string, unknown>)[field] = value;
    }
  },
};
