import { expect, test } from 'vitest';
import { installedVersions } from './debian-packages.ts';

test('only what decides dependencies is taken from a dpkg status', () => {
  const stanza = (name: string, extra: string): string =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n${extra}`;
  const a = `${stanza('a', 'Description: one')}\n\n${stanza('b', 'Conffiles:\n /etc/b x')}\n`;
  const b = `${stanza('b', '')}\n\n${stanza('a', 'Description: other')}\n`;
  expect(installedVersions(a).filter((line) => line.trim() !== '')).toEqual(
    installedVersions(b).filter((line) => line.trim() !== ''),
  );
});
