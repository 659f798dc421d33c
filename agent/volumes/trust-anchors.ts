// The trust anchors of a clusterTrustBundle projection: certificates of one bundle by name, or of all bundles of a signer
// that a selector picks; each once, in a steady order. Pure.
import type { ClusterTrustBundle } from '../../api/kinds/certificates/index.ts';
import type { Volume } from '../../api/kinds/core/index.ts';
import { matchesLabelSelector } from '../../api/meta/selectors.ts';
import { ConfigurationError } from '../kubelet/containers/environment.ts';

type Source = NonNullable<NonNullable<NonNullable<Volume['projected']>['sources']>[number]['clusterTrustBundle']>;

const lineCharacters = 64;

/** PEM text. Throws ConfigurationError when nothing matches and the projection is not optional. */
export function trustAnchors(source: Source, bundles: readonly Readonly<ClusterTrustBundle>[]): string {
  const chosen = choose(source, bundles);
  if (chosen.length === 0 && source.optional !== true) {
    throw new ConfigurationError(
      source.name !== undefined
        ? `clustertrustbundle "${source.name}" not found`
        : 'combination of signerName and labelSelector matched zero ClusterTrustBundles',
    );
  }
  const anchors = new Set(chosen.flatMap(({ spec }) => certificates(spec.trustBundle)));
  return [...anchors].sort().map(pem).join('');
}

function choose(source: Source, bundles: readonly Readonly<ClusterTrustBundle>[]): Readonly<ClusterTrustBundle>[] {
  const { name, signerName, labelSelector } = source;
  if (name !== undefined) return bundles.filter(({ metadata }) => metadata.name === name);
  if (signerName === undefined)
    throw new ConfigurationError('ClusterTrustBundle projection requires either name or signerName to be set');
  // As upstream: no selector matches nothing, an empty one everything.
  if (labelSelector === undefined) return [];
  return bundles.filter(
    ({ metadata, spec }) => spec.signerName === signerName && matchesLabelSelector(labelSelector, metadata.labels),
  );
}

/** The certificates of a PEM text as base64 without white space. */
function certificates(text: string): string[] {
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g);
  return [...blocks].map(([, base64 = '']) => base64.replaceAll(/\s/g, ''));
}

function pem(base64: string): string {
  const lines = base64.match(new RegExp(`.{1,${lineCharacters}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
