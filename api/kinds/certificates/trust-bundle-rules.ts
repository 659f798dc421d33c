// Rules of cluster trust bundles: the name follows from the signer, the bundle is PEM certificates and nothing else. Whether
// each is a certificate authority's is the server's to see (its admission), which can read X.509.
import { checkDnsSubdomain } from '../../meta/names.ts';
import { invalidValue, tooLong, type FieldError } from '../../schema/field-error.ts';
import type { ClusterTrustBundle } from './cluster-trust-bundle.ts';

const largestBundleBytes = 1024 * 1024;
const signerPattern = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/\S+$/;
const omitted = '<value omitted>';

export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  /** Base64 without white space. */
  readonly base64: string;
}

/** The blocks of a PEM text, in order; what is between them is passed over. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks = text.matchAll(/-----BEGIN ([^-\n]+)-----\r?\n([\s\S]*?)-----END \1-----/g);
  return [...blocks].map(([, type = '', body = '']) => {
    const lines = body.split(/\r?\n/).filter((line) => line.trim() !== '');
    const headers = lines.filter((line) => line.includes(':'));
    const base64 = lines
      .filter((line) => !line.includes(':'))
      .join('')
      .replaceAll(/\s/g, '');
    return { type, hasHeaders: headers.length > 0, base64 };
  });
}

export function validateTrustBundle({ metadata, spec }: ClusterTrustBundle): FieldError[] {
  const { signerName = '', trustBundle } = spec;
  return [...nameErrors(metadata.name ?? '', signerName), ...signerErrors(signerName), ...bundleErrors(trustBundle)];
}

/** A bundle stays its signer's. */
export function validateTrustBundleUpdate(next: ClusterTrustBundle, previous: ClusterTrustBundle): FieldError[] {
  const [signer = '', before = ''] = [next.spec.signerName, previous.spec.signerName];
  return signer === before ? [] : [invalidValue('spec.signerName', signer, 'field is immutable')];
}

function nameErrors(name: string, signerName: string): FieldError[] {
  const wrong = (sentence: string): FieldError => invalidValue('metadata.name', name, sentence);
  if (signerName === '') {
    if (name.includes(':')) return [wrong('ClusterTrustBundle without signer name must not have ":" in its name')];
    return checkDnsSubdomain(name).map(wrong);
  }
  const prefix = `${signerName.replaceAll('/', ':')}:`;
  if (!name.startsWith(prefix)) {
    return [wrong(`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`)];
  }
  return checkDnsSubdomain(name.slice(prefix.length)).map(wrong);
}

function signerErrors(signerName: string): FieldError[] {
  if (signerName === '' || signerPattern.test(signerName)) return [];
  const form = 'must be a fully qualified domain and path of the form "example.com/signer-name"';
  return [invalidValue('spec.signerName', signerName, form)];
}

function bundleErrors(text: string): FieldError[] {
  const path = 'spec.trustBundle';
  if (text.length > largestBundleBytes) return [tooLong(path, largestBundleBytes)];
  const blocks = pemBlocks(text);
  const errors = blocks.flatMap(({ type, hasHeaders }, index) => {
    if (type !== 'CERTIFICATE') return [invalidValue(path, omitted, `entry ${index} has bad block type: ${type}`)];
    return hasHeaders ? [invalidValue(path, omitted, `entry ${index} has PEM block headers`)] : [];
  });
  if (errors.length > 0) return errors;
  if (blocks.length === 0) return [invalidValue(path, omitted, 'at least one trust anchor must be provided')];
  const places = Map.groupBy(blocks.keys(), (index) => blocks[index]?.base64);
  return [...places.values()]
    .filter((indices) => indices.length > 1)
    .map((indices) => invalidValue(path, omitted, `duplicate trust anchor (indices [${indices.join(' ')}])`));
}
