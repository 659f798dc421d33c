import { expect, it } from 'vitest';
import { emptyPlace, placeDraft } from './backup-place.ts';

it.each([
  [
    { kind: 'machine', machine: 'm-1' },
    { kind: 'machine', machine: 'm-1' },
  ],
  [{ kind: 'machine' }, undefined],
  [
    { kind: 'folder', folder: ' /srv/backups ' },
    { kind: 'folder', folder: '/srv/backups' },
  ],
  [{ kind: 's3', endpoint: 'https://s3.example', bucket: 'b', accessKeyId: 'a' }, undefined],
] as const)('reads the place of %j', (fields, place) => {
  expect(placeDraft({ ...emptyPlace(), ...fields })).toEqual(place);
});
