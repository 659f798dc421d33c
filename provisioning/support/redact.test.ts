import { expect, it } from 'vitest';
import { redact } from './redact.ts';

const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtZSJ9abcdef.c2lnbmF0dXJl';

it.each([
  ['a private key', 'x\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\nEEI\n-----END EC PRIVATE KEY-----\ny', 'MHcCAQ'],
  ['a key that is cut off', '-----BEGIN PRIVATE KEY-----\nMIGH', 'MIGH'],
  ['a token', `authorization: Bearer ${jwt}`, 'eyJ'],
  ['a token by itself', `got ${jwt} from`, 'c2lnbmF0dXJl'],
  ['basic credentials', 'Authorization: Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpw'],
  ['a bootstrap token', 'kubeadm join --with abcdef.0123456789abcdef', '0123456789abcdef'],
  ['a password in a URL', 'proxy http://me:hunter22@proxy:3128/', 'hunter22'],
  ['a flag', '--s3-secret-access-key=AbCdEf123 --other', 'AbCdEf123'],
  ['a JSON member', '{"sudoPassword": "with \\"quotes\\" in", "x": 1}', 'quotes'],
  ['a YAML member', 'smtp_password: hunter22', 'hunter22'],
  ['an environment', 'AWS_SECRET_ACCESS_KEY=AbC/dEf+1', 'AbC/dEf'],
  ['a kubeconfig', '    client-key-data: LS0tLS1CRUdJTg==', 'LS0tLS1'],
])('removes %s', (_title, text, secret) => {
  expect(redact(text)).not.toContain(secret);
});

it('removes what is known by value, in any spelling', () => {
  const secret = 'pässword&1';
  const spellings = [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)];
  const clean = redact(`a ${spellings.join(' b ')} c`, [secret]);
  for (const spelling of spellings) expect(clean).not.toContain(spelling);
});

it('leaves what helps', () => {
  const line =
    'Nov 23 master-1 pilothouse-etcd[812]: rejected connection from 10.0.0.7:2380, leader is 8e9e05c52164694d';
  expect(redact(line, ['abc'])).toBe(line);
});
