// Who may vouch for a signer, and that what they give are certificate authorities: writing a ClusterTrustBundle of a signer
// takes the verb `attest` on it, and every entry must be an X.509 certificate with the CA bit.
import { X509Certificate } from 'node:crypto';
import type { ClusterTrustBundle } from '../../../api/kinds/certificates/index.ts';
import { pemBlocks } from '../../../api/kinds/certificates/trust-bundle-rules.ts';
import { forbidden, invalid } from '../../../api/meta/status.ts';
import { invalidValue, type FieldError } from '../../../api/schema/field-error.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { stableJson } from '../registry/metadata.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const group = 'certificates.k8s.io';

/** The ClusterTrustBundleAttest plugin. */
export function createTrustBundleAdmission(authorizer: Authorizer): AdmissionPlugin {
  const mayAttest = async ({ user }: AdmissionRequest, name: string): Promise<boolean> => {
    const attributes = { user, verb: 'attest', isResource: true, group, version: '*' } as const;
    const where = { resource: 'signers', subresource: '', namespace: '', path: '' };
    return (await authorizer.authorize({ ...attributes, ...where, name })).allowed;
  };
  return {
    name: 'ClusterTrustBundleAttest',
    concerns: ({ operation, definition }) =>
      operation !== 'DELETE' && definition.group === group && definition.plural === 'clustertrustbundles',
    async validate(request) {
      const { spec } = request.object as ClusterTrustBundle;
      const before = (request.previous as ClusterTrustBundle | undefined)?.spec;
      if (before !== undefined && stableJson(before) === stableJson(spec)) return;
      const { signerName = '', trustBundle } = spec;
      const anySigner = `${signerName.split('/')[0] ?? ''}/*`;
      if (signerName !== '' && !(await mayAttest(request, signerName)) && !(await mayAttest(request, anySigner))) {
        const message = `user not permitted to attest for signerName ${JSON.stringify(signerName)}`;
        throw forbidden(request.definition, request.name, message);
      }
      const errors = before?.trustBundle === trustBundle ? [] : authorityErrors(trustBundle);
      if (errors.length > 0) throw invalid(`ClusterTrustBundle.${group}`, request.name, errors);
    },
  };
}

function authorityErrors(trustBundle: string): FieldError[] {
  return pemBlocks(trustBundle).flatMap(({ base64 }, index) => {
    const problem = authorityProblem(Buffer.from(base64, 'base64'));
    return problem === undefined
      ? []
      : [invalidValue('spec.trustBundle', '<value omitted>', `entry ${index} ${problem}`)];
  });
}

function authorityProblem(der: Buffer): string | undefined {
  try {
    return new X509Certificate(der).ca ? undefined : 'does not have the CA bit set';
  } catch {
    return 'does not parse as X.509';
  }
}
