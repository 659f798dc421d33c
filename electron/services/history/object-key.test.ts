import { describe, expect, it } from 'vitest';
import { objectOfKey } from './object-key.ts';

describe('a key of the store', () => {
  it.each([
    ['/registry/pods/default/web-1', { kind: 'Pod', namespace: 'default', name: 'web-1' }],
    ['/registry/minions/worker-1', { kind: 'Node', name: 'worker-1' }],
    ['/registry/services/specs/shop/cart', { kind: 'Service', namespace: 'shop', name: 'cart' }],
    ['/registry/example.org/widgets/default/w', { kind: 'widgets', namespace: 'default', name: 'w' }],
    ['/registry/example.org/widgets/w', { kind: 'widgets', name: 'w' }],
  ])('%s names its object', (key, object) => {
    expect(objectOfKey(key)).toEqual(object);
  });
});
