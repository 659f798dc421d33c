import { describe, expect, it } from 'vitest';
import { canRecurse } from './docker-runtime.ts';
import { layersOf } from './image-mount.ts';

type Driver = Parameters<typeof layersOf>[0]['GraphDriver'];

describe('the layers of an image', () => {
  it.each<[string, Driver, string[] | undefined]>([
    [
      'are the topmost first',
      { Name: 'overlay2', Data: { UpperDir: '/o/c/diff', LowerDir: '/o/b/diff:/o/a/diff' } } as unknown as Driver,
      ['/o/c/diff', '/o/b/diff', '/o/a/diff'],
    ],
    ['may be a single one', { Name: 'overlay2', Data: { UpperDir: '/o/a/diff' } } as unknown as Driver, ['/o/a/diff']],
    ['are unknown with another driver', { Name: 'btrfs', Data: null } as unknown as Driver, undefined],
    ['are unknown with containerd’s own store', undefined as unknown as Driver, undefined],
  ])('%s', (_title, driver, layers) => {
    expect(layersOf({ GraphDriver: driver })).toEqual(layers);
  });
});

describe('recursively read-only mounts', () => {
  it.each([
    ['1.41', '6.1.0-18-amd64', false],
    ['1.44', '5.10.0', false],
    ['1.44', '5.12.1', true],
    ['1.51', '6.18.44', true],
    ['2.0', '6.0', true],
  ])('with API %s on Linux %s: %s', (api, kernel, wanted) => {
    expect(canRecurse(api, kernel)).toBe(wanted);
  });
});
