// ClusterTrustBundle: trust anchors that pods can have as a file, by name or by their signer.
import { define, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { clusterTrustBundlePrinter } from '../printing/access-printers.ts';
import { validateTrustBundle, validateTrustBundleUpdate } from './trust-bundle-rules.ts';

export class ClusterTrustBundleSpec extends define('io.k8s.api.certificates.v1beta1.ClusterTrustBundleSpec', {
  signerName: string,
  trustBundle: required(string),
}) {}

export class ClusterTrustBundle extends kind('io.k8s.api.certificates.v1beta1.ClusterTrustBundle', {
  spec: required(ClusterTrustBundleSpec),
}) {}

export const clusterTrustBundles: ResourceDefinition<ClusterTrustBundle> = resource(ClusterTrustBundle, {
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  plural: 'clustertrustbundles',
  namespaced: false,
  // The name's form follows from the signer: validateTrustBundle says it.
  nameRule: () => [],
  selectableFields({ spec }) {
    return { 'spec.signerName': spec.signerName ?? '' };
  },
  printer: clusterTrustBundlePrinter,
  validate: validateTrustBundle,
  validateUpdate: validateTrustBundleUpdate,
});
