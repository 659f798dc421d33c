import { describe, expect, it } from 'vitest';
import { pemBlocks, validateTrustBundle, validateTrustBundleUpdate } from './trust-bundle-rules.ts';
import type { ClusterTrustBundle } from './cluster-trust-bundle.ts';

const pem = (base64: string, type = 'CERTIFICATE', headers = ''): string =>
  `-----BEGIN ${type}-----\n${headers}${base64}\n-----END ${type}-----\n`;
const bundle = (name: string, trustBundle: string, signerName?: string): ClusterTrustBundle =>
  ({
    metadata: { name },
    spec: { trustBundle, ...(signerName !== undefined && { signerName }) },
  }) as ClusterTrustBundle;
const sentences = (one: ClusterTrustBundle): string[] =>
  validateTrustBundle(one).map(({ path, message }) => `${path}: ${message}`);

describe('a cluster trust bundle', () => {
  it.each<[string, ClusterTrustBundle]>([
    ['without a signer', bundle('roots', pem('QUFB') + 'between\n' + pem('QkJC'))],
    ['of a signer', bundle('example.com:signer:v1', pem('QUFB'), 'example.com/signer')],
  ])('%s is accepted', (_title, one) => {
    expect(sentences(one)).toEqual([]);
  });

  it.each<[string, ClusterTrustBundle, RegExp]>([
    ['a colon without a signer', bundle('a:b', pem('QUFB')), /^metadata\.name: .*must not have ":"/],
    [
      'another signer’s name',
      bundle('roots', pem('QUFB'), 'example.com/s'),
      /must be named with prefix example\.com:s:/,
    ],
    ['a bad signer', bundle('s:x', pem('QUFB'), 's'), /^spec\.signerName: /],
    ['no certificate', bundle('roots', 'text'), /at least one trust anchor/],
    ['a key', bundle('roots', pem('QUFB', 'PRIVATE KEY')), /entry 0 has bad block type: PRIVATE KEY/],
    ['headers', bundle('roots', pem('QUFB', 'CERTIFICATE', 'A: b\n')), /entry 0 has PEM block headers/],
    ['the same twice', bundle('roots', pem('QUFB') + pem('QUFB')), /duplicate trust anchor \(indices \[0 1\]\)/],
    ['too much', bundle('roots', 'x'.repeat(1024 * 1024 + 1)), /Too long/],
  ])('with %s is refused', (_title, one, sentence) => {
    expect(sentences(one).join('\n')).toMatch(sentence);
  });

  it('stays its signer’s', () => {
    const before = bundle('example.com:s:v1', pem('QUFB'), 'example.com/s');
    expect(validateTrustBundleUpdate(before, before)).toEqual([]);
    expect(validateTrustBundleUpdate(bundle('x', pem('QUFB'), 'example.com/t'), before)).toHaveLength(1);
  });

  it('is read block by block', () => {
    expect(pemBlocks(`x\r\n-----BEGIN CERTIFICATE-----\r\nQU\r\nFB\r\n-----END CERTIFICATE-----\r\n`)).toEqual([
      { type: 'CERTIFICATE', hasHeaders: false, base64: 'QUFB' },
    ]);
  });
});
