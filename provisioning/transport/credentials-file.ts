// Credentials of machines kept without a desktop's safe storage: one file, encrypted with a passphrase (scrypt, RFC 7914,
// and AES-256-GCM). Nothing of them is written anywhere else; a wrong passphrase and a changed file are told alike.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { z } from 'zod';
import type { ClusterSpec, Credentials } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';

/** 128 MiB and about half a second per try. */
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 2 ** 20 };

const sealedSchema = z.strictObject({
  format: z.literal(1),
  salt: z.base64(),
  nonce: z.base64(),
  tag: z.base64(),
  sealed: z.base64(),
});

/** Encrypts `plain`; the answer is text fit for a file. */
export function sealText(plain: string, passphrase: string): string {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', scryptSync(passphrase, salt, 32, cost), nonce);
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  const words = { salt, nonce, tag: cipher.getAuthTag(), sealed };
  const encoded = Object.fromEntries(Object.entries(words).map(([key, value]) => [key, value.toString('base64')]));
  return `${JSON.stringify({ format: 1, ...encoded })}\n`;
}

/** Decrypts; throws ProvisioningError `WrongPassphrase`. */
export function openSealedText(file: string, passphrase: string): string {
  try {
    const { salt, nonce, tag, sealed } = sealedSchema.parse(JSON.parse(file));
    const key = scryptSync(passphrase, Buffer.from(salt, 'base64'), 32, cost);
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'), { authTagLength: 16 });
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new ProvisioningError(
      'WrongPassphrase',
      text('error.wrongPassphrase'),
      text('error.wrongPassphrase.remedy'),
      cause,
    );
  }
}

/** The credentials of a cluster's machines, sealed. */
export function sealCredentials(spec: ClusterSpec, passphrase: string): string {
  const byMachine = Object.fromEntries(spec.machines.map(({ name, credentials }) => [name, credentials]));
  return sealText(JSON.stringify(byMachine), passphrase);
}

/** The cluster with its credentials; machines of which nothing was kept stay as they are. */
export function withSealedCredentials(spec: ClusterSpec, file: string, passphrase: string): ClusterSpec {
  const kept = JSON.parse(openSealedText(file, passphrase)) as Record<string, Credentials>;
  return {
    ...spec,
    machines: spec.machines.map((machine) => ({
      ...machine,
      credentials: { ...machine.credentials, ...kept[machine.name] },
    })),
  };
}

/** True when the cluster cannot be reached again without what would be sealed. */
export function hasSecrets(spec: ClusterSpec): boolean {
  return spec.machines.some(({ credentials: { password, passphrase, sudoPassword, privateKey } }) =>
    [password, passphrase, sudoPassword, privateKey].some((secret) => secret !== undefined),
  );
}
