import { expect, it } from 'vitest';
import type { RuntimeImage } from '../../runtime/container-runtime.ts';
import { planImageGc } from './plan-image-gc.ts';

const image = (id: string, sizeBytes = 10): RuntimeImage => ({
  id,
  tags: [`${id}:1`],
  digests: [],
  sizeBytes,
  user: '',
});
const facts = {
  images: [image('new'), image('old'), image('used'), image('pause')],
  usedIds: new Set(['used']),
  lastUsedMs: new Map([
    ['new', 5_000],
    ['old', 1_000],
    ['used', 0],
    ['pause', 0],
  ]),
  keep: ({ id }: RuntimeImage) => id === 'pause',
  totalBytes: 100,
  freeBytes: 12,
  nowMs: 1_000_000,
};

it.each<[string, Partial<typeof facts>, string[]]>([
  ['removes the longest unused until enough is free', {}, ['old']],
  ['removes more when more is needed', { freeBytes: 5 }, ['old', 'new']],
  ['removes nothing while the disk has room', { freeBytes: 16 }, []],
  ['spares what was used a moment ago', { nowMs: 60_000 }, []],
])('%s', (_title, differs, wanted) => {
  expect(planImageGc({ ...facts, ...differs }).map(({ id }) => id)).toEqual(wanted);
});
