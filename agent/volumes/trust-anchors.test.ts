import { describe, expect, it } from 'vitest';
import type { ClusterTrustBundle } from '../../api/kinds/certificates/index.ts';
import { trustAnchors } from './trust-anchors.ts';

const pem = (base64: string): string => `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
const bundle = (
  name: string,
  trustBundle: string,
  signerName?: string,
  labels?: Record<string, string>,
): ClusterTrustBundle =>
  ({ metadata: { name, ...(labels && { labels }) }, spec: { trustBundle, signerName } }) as ClusterTrustBundle;

const signer = 'example.com/signer';
const bundles = [
  bundle('roots', `${pem('QUFB')}words between\n${pem('QUFB')}`),
  bundle('example.com:signer:one', pem('QkJC'), signer, { live: 'yes' }),
  bundle('example.com:signer:two', pem('Q0ND') + pem('QkJC'), signer, { live: 'no' }),
  bundle('other', pem('RERE'), 'example.com/other'),
];

describe('trust anchors', () => {
  it.each<[string, Parameters<typeof trustAnchors>[0], string]>([
    ['of one bundle, each once', { name: 'roots', path: 'ca' }, pem('QUFB')],
    ['of all a signer has', { signerName: signer, labelSelector: {}, path: 'ca' }, pem('Q0ND') + pem('QkJC')],
    [
      'of those that are selected',
      { signerName: signer, labelSelector: { matchLabels: { live: 'yes' } }, path: 'ca' },
      pem('QkJC'),
    ],
    ['of a bundle that need not be there', { name: 'none', optional: true, path: 'ca' }, ''],
    ['of a signer without a selector, optional', { signerName: signer, optional: true, path: 'ca' }, ''],
  ])('%s', (_title, source, wanted) => {
    expect(trustAnchors(source, bundles)).toBe(wanted);
  });

  it.each<[string, Parameters<typeof trustAnchors>[0], RegExp]>([
    ['that is missing', { name: 'none', path: 'ca' }, /"none" not found/],
    ['that match nothing', { signerName: signer, path: 'ca' }, /matched zero/],
    ['that nothing names', { path: 'ca' }, /either name or signerName/],
  ])('refuses a projection of bundles %s', (_title, source, sentence) => {
    expect(() => trustAnchors(source, bundles)).toThrow(sentence);
  });
});
