import { createDecipheriv, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { encryptLeanly } from './lean-cipher.ts';

const key = randomBytes(16);
/** One before the lowest byte of the counter overflows. */
const firstNonce = Buffer.from('0102030400000000000000fe', 'hex');

/** A client of the library's shape, and the bytes that it would have sent. */
function createClient(): { client: { _protocol: { _cipher: Record<string, unknown> } }; sent: Buffer[] } {
  const sent: Buffer[] = [];
  const cipher = {
    _encSSLName: 'aes-128-gcm',
    _encKey: key,
    _encIV: Buffer.from(firstNonce),
    _onWrite: (bytes: Buffer) => sent.push(bytes),
    _dead: false,
    outSeqno: 0xffff_ffff,
    allocPacket: (bytes: number) => Buffer.alloc(bytes + 32),
    encrypt: () => undefined,
  };
  return { client: { _protocol: { _cipher: cipher } }, sent };
}

interface Lean {
  allocPacket(bytes: number): Buffer;
  encrypt(packet: Buffer): void;
}

function open(nonce: string, [length, encrypted, tag]: readonly Buffer[]): Buffer {
  if (length === undefined || encrypted === undefined || tag === undefined) throw new Error('a packet is three pieces');
  expect(length.readUInt32BE()).toBe(encrypted.length);
  const gcm = createDecipheriv('aes-128-gcm', key, Buffer.from(nonce, 'hex')).setAAD(length);
  gcm.setAuthTag(tag);
  return Buffer.concat([gcm.update(encrypted), gcm.final()]);
}

test('each packet opens with the nonce that follows, padded to blocks, also when the next is already made', () => {
  const { client, sent } = createClient();
  expect(encryptLeanly(client)).toBe(true);
  const cipher = client._protocol._cipher as unknown as Lean;
  const payloads = [1, 11, 12, 13, 32_768].map((bytes) => randomBytes(bytes));
  for (const payload of payloads) {
    const packet = cipher.allocPacket(payload.length);
    packet.set(payload, 5);
    cipher.encrypt(packet);
  }
  const nonces = ['fe', 'ff', '0100', '0101', '0102'].map((end) => `01020304${end.padStart(16, '0')}`);
  payloads.forEach((payload, i) => {
    const packet = open(nonces[i] ?? '', sent.slice(3 * i, 3 * i + 3));
    const padding = packet[0] ?? 0;
    expect(packet.length % 16).toBe(0);
    expect(padding).toBeGreaterThanOrEqual(4);
    expect(packet.subarray(1, packet.length - padding).equals(payload)).toBe(true);
  });
  expect(client._protocol._cipher['outSeqno']).toBe(4);
});

test('a library of another shape is left as it is', () => {
  const { client } = createClient();
  client._protocol._cipher['_encSSLName'] = 'chacha20';
  const { encrypt } = client._protocol._cipher;
  expect(encryptLeanly(client)).toBe(false);
  expect(encryptLeanly(undefined)).toBe(false);
  expect(client._protocol._cipher['encrypt']).toBe(encrypt);
});
