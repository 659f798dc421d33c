import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { carriesMask, maskSecret } from './secret-mask.ts';

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'keys',
    annotations: { note: 'kept', 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"aHVzaA=="}}' },
  },
  data: { a: 'aHVzaA==' },
} as unknown as KubernetesObject;

describe('a masked Secret', () => {
  it('holds no value anywhere, and is told apart from a real one', () => {
    const shown = maskSecret(secret);
    expect(JSON.stringify(shown)).not.toContain('aHVzaA');
    expect(shown.metadata.annotations?.['note']).toBe('kept');
    expect(carriesMask(shown)).toBe(true);
    expect(carriesMask(secret)).toBe(false);
  });

  it('leaves other kinds and the given object alone', () => {
    const map = { ...secret, kind: 'ConfigMap' };
    expect(maskSecret(map)).toBe(map);
    expect(JSON.stringify(secret)).toContain('aHVzaA');
  });
});
