import { expect, test } from 'vitest';
import { createClusterSpec, withoutSecrets } from '../cluster-file.ts';
import { hasSecrets, sealCredentials, withSealedCredentials } from './credentials-file.ts';

const spec = createClusterSpec({
  name: 'c',
  machines: [{ name: 'm', address: '10.0.0.1', role: 'both', password: 'correct horse', sudoPassword: 'battery' }],
});

test('credentials come back with the passphrase, and nothing of them shows without', () => {
  const file = sealCredentials(spec, 'open sesame');
  expect(file).not.toMatch(/correct|battery|sesame/);
  expect(hasSecrets(spec)).toBe(true);
  expect(hasSecrets(withoutSecrets(spec))).toBe(false);
  expect(withSealedCredentials(withoutSecrets(spec), file, 'open sesame')).toEqual(spec);
});

test('a wrong passphrase and a changed file are refused', () => {
  const file = sealCredentials(spec, 'open sesame');
  const { sealed, ...rest } = JSON.parse(file) as { sealed: string };
  const changed = JSON.stringify({ ...rest, sealed: `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}` });
  for (const [content, passphrase] of [
    [file, 'open barley'],
    [changed, 'open sesame'],
    ['{}', 'open sesame'],
  ] as const)
    expect(() => withSealedCredentials(spec, content, passphrase)).toThrow(
      expect.objectContaining({ reason: 'WrongPassphrase' }),
    );
});
