// The ciphers of encryption at rest. Values look as upstream writes them (`k8s:enc:PROVIDER:v1:KEY:` and the sealed
// bytes), so that a snapshot can be read by others who hold the keys, and the other way round.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import nacl from 'tweetnacl';

export const providerNames = ['aesgcm', 'aescbc', 'secretbox'] as const;
export type ProviderName = (typeof providerNames)[number];

/** Lengths of keys that a provider takes, in bytes. */
export const keyLengths: Readonly<Record<ProviderName, readonly number[]>> = {
  aesgcm: [16, 24, 32],
  aescbc: [16, 24, 32],
  secretbox: [32],
};

/** Seals and opens with one key. */
export interface Cipher {
  /** `context` (the etcd key) is bound to the value where the cipher can: a value moved to another key does not open. */
  seal(plain: Uint8Array, context: string): Buffer;
  /** Throws when the bytes are not what this key sealed. */
  open(sealed: Uint8Array, context: string): Buffer;
}

/** The cipher of a provider with a key. */
export function createCipher(provider: ProviderName, key: Buffer): Cipher {
  return makers[provider](key);
}

const nonceBytes = 12;
const tagBytes = 16;
const blockBytes = 16;

const makers: Readonly<Record<ProviderName, (key: Buffer) => Cipher>> = {
  // Nonce, ciphertext, tag; the etcd key is additional authenticated data.
  aesgcm: (key) => ({
    seal(plain, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(`aes-${key.length * 8}-gcm` as 'aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(context));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, context) {
      if (sealed.byteLength < nonceBytes + tagBytes) throw new Error('the sealed value is too short');
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const nonce = bytes.subarray(0, nonceBytes);
      const decipher = createDecipheriv(`aes-${key.length * 8}-gcm` as 'aes-256-gcm', key, nonce);
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    },
  }),
  // IV and PKCS#7-padded blocks; not authenticated, kept for clusters that come with it.
  aescbc: (key) => ({
    seal(plain) {
      const iv = randomBytes(blockBytes);
      const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv);
      return Buffer.concat([iv, cipher.update(plain), cipher.final()]);
    },
    open(sealed) {
      if (sealed.byteLength < 2 * blockBytes) throw new Error('the sealed value is too short');
      const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, sealed.subarray(0, blockBytes));
      return Buffer.concat([decipher.update(sealed.subarray(blockBytes)), decipher.final()]);
    },
  }),
  // XSalsa20 and Poly1305 (NaCl's secretbox): nonce, then the box.
  secretbox: (key) => ({
    seal(plain) {
      const nonce = randomBytes(nacl.secretbox.nonceLength);
      return Buffer.concat([nonce, nacl.secretbox(plain, nonce, key)]);
    },
    open(sealed) {
      const nonce = sealed.subarray(0, nacl.secretbox.nonceLength);
      const box = sealed.subarray(nacl.secretbox.nonceLength);
      const plain = nonce.byteLength < nacl.secretbox.nonceLength ? null : nacl.secretbox.open(box, nonce, key);
      if (plain === null) throw new Error('the sealed value does not open with this key');
      return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
    },
  }),
};
