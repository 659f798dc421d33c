// Who made a bundle or a blueprint: Ed25519 signatures, this console's own key, and the keys it was told to trust. The
// private key never leaves the console's home. A key is named by its fingerprint, as SSH does: `SHA256:…`.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { homeDir } from '../paths.ts';

/** A key to sign with; `publicKey` is base64 of the SubjectPublicKeyInfo in DER. */
export interface SigningKey {
  readonly publicKey: string;
  sign(content: Uint8Array): Buffer;
}

function signingPaths(home?: string): { readonly key: string; readonly trusted: string } {
  const dir = join(homeDir(home), 'signing');
  return { key: join(dir, 'key.pem'), trusted: join(dir, 'trusted') };
}

/** `SHA256:…` of a public key in DER, base64. */
export function keyFingerprint(publicKey: string): string {
  const digest = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** This console's key; made when it has none. */
export async function signingKey(home?: string): Promise<SigningKey> {
  const path = signingPaths(home).key;
  if (!existsSync(path)) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeFile(`${path}.new`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
  const privateKey = createPrivateKey(await readFile(path));
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  return { publicKey, sign: (content) => sign(null, content, privateKey) };
}

/** True when `signature` over `content` was made with the key; false for anything that is no key. */
export function isSignedBy(publicKey: string, content: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, content, key, signature);
  } catch {
    return false; // no key, no signature
  }
}

/** True for this console's own key and for those it was told to trust. */
export async function isTrusted(publicKey: string, home?: string): Promise<boolean> {
  const { key, trusted } = signingPaths(home);
  if (existsSync(key) && (await signingKey(home)).publicKey === publicKey) return true;
  const known = existsSync(trusted) ? (await readFile(trusted, 'utf8')).split('\n') : [];
  return known.includes(keyFingerprint(publicKey));
}

/** Remembers the key as one whose bundles and blueprints may be used. */
export async function trustKey(publicKey: string, home?: string): Promise<void> {
  if (await isTrusted(publicKey, home)) return;
  const { trusted } = signingPaths(home);
  await mkdir(dirname(trusted), { recursive: true, mode: 0o700 });
  await appendFile(trusted, `${keyFingerprint(publicKey)}\n`, { mode: 0o600 });
}
