// A new SSH host key (Ed25519) in OpenSSH's own file forms, for machines that are told who they are before they first boot.
import { generateKeyPairSync, randomBytes } from 'node:crypto';

export interface HostKey {
  /** PEM of `openssh-key-v1` (PROTOCOL.key), without a passphrase. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA… comment`. */
  readonly publicKey: string;
  /** SSH's wire form, as known_hosts holds it in base64. */
  readonly wire: Buffer;
}

/** Makes a key pair. */
export function generateHostKey(comment: string): HostKey {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const [open, secret] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')];
  const type = field('ssh-ed25519');
  const wire = Buffer.concat([type, field(open)]);
  const check = randomBytes(4);
  const inner = Buffer.concat([check, check, wire, field(Buffer.concat([secret, open])), field(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'ascii'),
    field('none'),
    field('none'),
    field(''),
    one,
    field(wire),
    field(Buffer.concat([inner, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `ssh-ed25519 ${wire.toString('base64')} ${comment}`,
    wire,
  };
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
