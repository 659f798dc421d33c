import { createPrivateKey, createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { fingerprint } from './known-hosts.ts';
import { generateHostKey } from './host-key.ts';

/** Reads the length-prefixed fields that follow each other in `bytes`. */
function fieldsOf(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    found.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

test('the private file holds the key whose public half is told', () => {
  const { privateKey, publicKey, wire } = generateHostKey('m1');
  const raw = Buffer.from(privateKey.replace(/-----[^-]+-----|\n/g, ''), 'base64');
  expect(raw.toString('ascii', 0, 14)).toBe('openssh-key-v1');
  const [, , , ...rest] = fieldsOf(raw.subarray(15));
  const inner = fieldsOf(raw.subarray(15 + 8 + 8 + 4 + 4)).at(1) ?? Buffer.alloc(0);
  expect(rest.length).toBeGreaterThan(0);
  expect(inner.length % 8).toBe(0);
  expect(inner.subarray(0, 4).equals(inner.subarray(4, 8))).toBe(true);
  const [type, open, pair, comment] = fieldsOf(inner.subarray(8));
  expect([type?.toString(), comment?.toString()]).toEqual(['ssh-ed25519', 'm1']);
  expect(pair?.subarray(32).equals(open ?? Buffer.alloc(0))).toBe(true);
  expect(publicKey).toBe(`ssh-ed25519 ${wire.toString('base64')} m1`);
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: pair?.toString('base64url', 0, 32), x: open?.toString('base64url') };
  const derived = createPublicKey(createPrivateKey({ key: jwk, format: 'jwk' })).export({ format: 'jwk' });
  expect(derived.x).toBe(jwk.x);
  expect(fingerprint(wire)).toMatch(/^SHA256:/);
});
