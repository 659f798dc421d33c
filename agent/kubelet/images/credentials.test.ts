import { expect, it } from 'vitest';
import type { Secret } from '../../../api/kinds/core/index.ts';
import { credentialsFor } from './credentials.ts';

const secretOf = (...addresses: string[]): Secret => {
  const auths = Object.fromEntries(addresses.map((address) => [address, { username: address, password: 'p' }]));
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
  return { data } as unknown as Secret;
};

it.each<[string, string, boolean]>([
  ['r.example', 'r.example/team/web:1', true],
  ['https://r.example', 'r.example/web', true],
  ['https://r.example/v2/', 'r.example/web', true],
  ['r.example', 'r.example:5000/web', false],
  ['r.example:5000', 'r.example:5000/web', true],
  ['*.example', 'r.example/web', true],
  ['*.example', 'a.r.example/web', false],
  ['r-?.example', 'r-1.example/web', true],
  ['rxexample', 'r.example/web', false],
  ['r.example/team', 'r.example/team/web', true],
  ['r.example/team', 'r.example/other/web', false],
  ['https://index.docker.io/v1/', 'web:1', true],
  ['docker.io', 'library/web', true],
  ['r.example', 'web', false],
])('an entry for %s serves %s: %s', (address, reference, expected) => {
  expect(credentialsFor(reference, [secretOf(address)])).toHaveLength(expected ? 1 : 0);
});

it('those of the narrowest address come first, whichever secret has them', () => {
  const found = credentialsFor('r.example/team/web', [secretOf('r.example'), secretOf('r.example/team', 'other')]);
  expect(found.map(({ username }) => username)).toEqual(['r.example/team', 'r.example']);
});
