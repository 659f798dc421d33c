import { expect, it } from 'vitest';
import { bootstrapTokenExpiryMs, type ConfigMap, type Secret } from '../../../api/kinds/core/index.ts';
import { metaOf, startMs } from '../testing/fixtures.ts';
import { detachedSignature, planClusterInfo, signingTokenOf } from './token.ts';

function secretOf(fields: Record<string, string>, name = 'bootstrap-token-abcdef'): Secret {
  const data = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata: metaOf(name), type: 'bootstrap.kubernetes.io/token', data };
}
const whole = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true' };
const info = (data: Record<string, string>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metaOf('cluster-info'),
  data,
});

it.each([
  ['a whole token', secretOf(whole), true],
  ['one that has run out', secretOf({ ...whole, expiration: '2025-12-31T00:00:00Z' }), false],
  ['one that may not sign', secretOf({ ...whole, 'usage-bootstrap-signing': 'false' }), false],
  ['one of another name', secretOf(whole, 'bootstrap-token-zzzzzz'), false],
  ['one without a secret', secretOf({ 'token-id': 'abcdef', 'usage-bootstrap-signing': 'true' }), false],
])('%s signs: %s', (_, secret, expected) => {
  expect(signingTokenOf(secret, startMs) !== undefined).toBe(expected);
});

it('an end that cannot be read has passed', () => {
  expect(bootstrapTokenExpiryMs(secretOf({ expiration: 'soon' }))).toBe(0);
  expect(bootstrapTokenExpiryMs(secretOf({}))).toBeUndefined();
});

it('signs as RFC 7515 has it with detached content, which kubeadm verifies', () => {
  // HMAC-SHA256 over BASE64URL(header).BASE64URL("content"), worked out with openssl.
  expect(detachedSignature('content', { id: 'abcdef', secret: '0123456789abcdef' })).toBe(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9..psz1NayrXM3IaFzKZGsb5n_mBl7MjtlsZ1xE8MRmF_4',
  );
});

it('keeps exactly the signatures of the tokens there are, and is then content', () => {
  const token = signingTokenOf(secretOf(whole), startMs);
  if (!token) throw new Error('no token');
  const signed = planClusterInfo(info({ kubeconfig: 'k', 'jws-kubeconfig-gone00': 'x' }), [token]);
  expect(Object.keys(signed?.data ?? {}).sort()).toEqual(['jws-kubeconfig-abcdef', 'kubeconfig']);
  if (!signed) throw new Error('nothing planned');
  expect(planClusterInfo(signed, [token])).toBeUndefined();
  expect(planClusterInfo(signed, [])?.data).toEqual({ kubeconfig: 'k' });
  expect(planClusterInfo(info({}), [token])).toBeUndefined();
});
