// Who can open backups. A cluster's recovery key is an X25519 pair: backups are sealed to its public half, which is no
// secret, so machines can make backups by schedule that they themselves cannot open afterwards. The private half travels
// in every backup, locked by the administrator's passphrase (scrypt, AES-256-GCM): passphrase and file are enough.
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  scrypt,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { BackupError } from './errors.ts';

const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);

/** The part that is no secret, as JSON in schedules and in every backup's head. Binary fields are base64. */
export const recoveryKeySchema = z.strictObject({
  publicKey: base64,
  /** scrypt's parameters for the passphrase. */
  scrypt: z.strictObject({
    n: z
      .int()
      .min(1 << 14)
      .max(1 << 20),
    r: z.int().min(1).max(32),
    p: z.int().min(1).max(16),
    salt: base64,
  }),
  /** Nonce, ciphertext and tag of the private half. */
  lockedPrivateKey: base64,
});

export type RecoveryKey = z.infer<typeof recoveryKeySchema>;

/** 128 MiB and about half a second for every guess. */
const cost = { n: 1 << 17, r: 8, p: 1 };
const shortestPassphrase = 8;
const nonceBytes = 12;
const tagBytes = 16;

/** A new recovery key locked with `passphrase`. `n` is lowered only by tests. */
export async function createRecoveryKey(passphrase: string, n: number = cost.n): Promise<RecoveryKey> {
  if (passphrase.length < shortestPassphrase)
    throw new BackupError('wrong-passphrase', `a passphrase has at least ${shortestPassphrase} characters`);
  const pair = generateKeyPairSync('x25519');
  const salt = randomBytes(16);
  const parameters = { ...cost, n, salt: salt.toString('base64') };
  const lock = await stretch(passphrase, parameters);
  return {
    publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    scrypt: parameters,
    lockedPrivateKey: seal(lock, pair.privateKey.export({ format: 'der', type: 'pkcs8' })).toString('base64'),
  };
}

/** The private half. Throws BackupError `wrong-passphrase`. */
export async function unlockRecoveryKey(key: RecoveryKey, passphrase: string): Promise<KeyObject> {
  const lock = await stretch(passphrase, key.scrypt);
  const der = unseal(lock, Buffer.from(key.lockedPrivateKey, 'base64'));
  if (der === undefined) throw new BackupError('wrong-passphrase', 'the passphrase does not open this backup');
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** A passphrase that nobody can guess: 160 random bits in groups that a person can copy. */
export function newPassphrase(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const letters = Array.from({ length: 32 }, () => alphabet[randomLetter(alphabet.length)]).join('');
  return letters.match(/.{4}/g)?.join('-') ?? letters;
}

function randomLetter(bound: number): number {
  for (;;) {
    const byte = randomBytes(1)[0] ?? 0;
    if (byte < 256 - (256 % bound)) return byte % bound;
  }
}

/** A data key, and the same sealed so that only the private half opens it. */
export function sealDataKey(key: RecoveryKey, dataKey: Buffer): { readonly sender: string; readonly sealed: string } {
  const sender = generateKeyPairSync('x25519');
  const recipient = createPublicKey({ key: Buffer.from(key.publicKey, 'base64'), format: 'der', type: 'spki' });
  const senderKey = sender.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const shared = diffieHellman({ privateKey: sender.privateKey, publicKey: recipient });
  return { sender: senderKey, sealed: seal(derive(shared, senderKey, key.publicKey), dataKey).toString('base64') };
}

/** Opens what `sealDataKey` sealed. Throws BackupError `damaged`. */
export function openDataKey(
  key: RecoveryKey,
  privateKey: KeyObject,
  { sender, sealed }: { readonly sender: string; readonly sealed: string },
): Buffer {
  const publicKey = createPublicKey({ key: Buffer.from(sender, 'base64'), format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey, publicKey });
  const dataKey = unseal(derive(shared, sender, key.publicKey), Buffer.from(sealed, 'base64'));
  if (dataKey === undefined) throw new BackupError('damaged', 'the key in the head of the backup is damaged');
  return dataKey;
}

function derive(shared: Buffer, sender: string, recipient: string): Buffer {
  return Buffer.from(hkdfSync('sha256', shared, `${sender}|${recipient}`, 'pilothouse backup data key', 32));
}

function stretch(passphrase: string, { n, r, p, salt }: RecoveryKey['scrypt']): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 256 * n * r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64'), 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function seal(key: Buffer, plain: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch {
    return undefined; // GCM says only that it does not fit
  }
}
