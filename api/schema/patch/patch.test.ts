import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pods, services } from '../../kinds/core/index.ts';
import { deployments } from '../../kinds/apps/index.ts';
import { isApiError } from '../../meta/status.ts';
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch } from './index.ts';

function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return isApiError(error) ? error.reason : String(error);
  }
  return 'none';
}

describe('JSON patch', () => {
  const object = { a: { b: [1, 2, 3] }, 'c/d': 1, '~': 2 };

  it.each([
    [[{ op: 'add', path: '/a/b/1', value: 9 }], { ...object, a: { b: [1, 9, 2, 3] } }],
    [[{ op: 'add', path: '/a/b/-', value: 9 }], { ...object, a: { b: [1, 2, 3, 9] } }],
    [[{ op: 'remove', path: '/c~1d' }], { a: object.a, '~': 2 }],
    [[{ op: 'replace', path: '/~0', value: null }], { ...object, '~': null }],
    [[{ op: 'move', from: '/a/b/0', path: '/a/b/2' }], { ...object, a: { b: [2, 3, 1] } }],
    [[{ op: 'copy', from: '/a/b', path: '/e' }], { ...object, e: [1, 2, 3] }],
    [[{ op: 'test', path: '/a', value: { b: [1, 2, 3] } }], object],
    [[{ op: 'replace', path: '', value: { x: 1 } }], { x: 1 }],
  ])('applies %j', (patch, expected) => {
    const before = JSON.stringify(object);
    expect(applyJsonPatch<object>(object, patch)).toEqual(expected);
    expect(JSON.stringify(object)).toBe(before);
  });

  it.each([
    [{}, 'BadRequest'],
    [[{ op: 'boil', path: '/a' }], 'BadRequest'],
    [[{ op: 'add', path: 'a', value: 1 }], 'BadRequest'],
    [[{ op: 'add', path: '/a' }], 'BadRequest'],
    [[{ op: 'remove', path: '/x' }], 'Invalid'],
    [[{ op: 'replace', path: '/x', value: 1 }], 'Invalid'],
    [[{ op: 'add', path: '/x/y', value: 1 }], 'Invalid'],
    [[{ op: 'add', path: '/a/b/7', value: 1 }], 'Invalid'],
    [[{ op: 'remove', path: '/a/b/3' }], 'Invalid'],
    [[{ op: 'replace', path: '/a/b/01', value: 1 }], 'Invalid'],
    [[{ op: 'test', path: '/c~1d', value: 2 }], 'Invalid'],
    [[{ op: 'move', from: '/a', path: '/a/b' }], 'Invalid'],
    [Array.from({ length: 10_001 }, () => ({ op: 'remove', path: '/a' })), 'BadRequest'],
  ])('refuses %j', (patch, reason) => {
    expect(reasonOf(() => applyJsonPatch(object, patch))).toBe(reason);
  });

  it('shares nothing with the patch', () => {
    const value = { deep: [1] };
    const result = applyJsonPatch({}, [{ op: 'add', path: '/a', value }]) as { a: typeof value };
    result.a.deep.push(2);
    expect(value).toEqual({ deep: [1] });
  });
});

describe('merge patch', () => {
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.integer(), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('value'), { maxKeys: 4 }),
  })).object;

  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j (RFC 7396)', (object, patch, expected) => {
    expect(applyMergePatch<object>(object, patch)).toEqual(expected);
  });

  it('is the same applied twice, leaves no null of its own, and touches nothing it was given', () => {
    fc.assert(
      fc.property(json, json, (object, patch) => {
        const [before, asked] = [JSON.stringify(object), JSON.stringify(patch)];
        const once = applyMergePatch(object, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
        expect(JSON.stringify(object)).toBe(before);
        expect(JSON.stringify(patch)).toBe(asked);
        expect(Object.getPrototypeOf(once)).toBe(Object.prototype);
      }),
    );
  });
});

describe('strategic merge patch', () => {
  const pod = {
    metadata: { name: 'a', labels: { x: '1' }, finalizers: ['a/a', 'b/b'] },
    spec: {
      containers: [
        { name: 'one', image: 'a:1', env: [{ name: 'A', value: '1' }], args: ['x'] },
        { name: 'two', image: 'b:1' },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    },
  };
  const patchPod = (patch: object): typeof pod => applyStrategicMergePatch(pods.schema, pod, patch);

  it('merges lists by key and replaces the others', () => {
    const { spec } = patchPod({
      spec: {
        containers: [
          { name: 'two', image: 'b:2' },
          { name: 'one', args: ['y'], env: [{ name: 'B', value: '2' }] },
        ],
      },
    });
    expect(spec.containers).toEqual([
      { name: 'two', image: 'b:2' },
      {
        name: 'one',
        image: 'a:1',
        args: ['y'],
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '1' },
        ],
      },
    ]);
  });

  it('deletes elements, and replaces a list or an object', () => {
    expect(patchPod({ spec: { containers: [{ name: 'one', $patch: 'delete' }] } }).spec.containers).toEqual([
      { name: 'two', image: 'b:1' },
    ]);
    expect(patchPod({ spec: { containers: [{ name: 'three' }, { $patch: 'replace' }] } }).spec.containers).toEqual([
      { name: 'three' },
    ]);
    expect(patchPod({ metadata: { labels: { $patch: 'replace', y: '2' } } }).metadata.labels).toEqual({ y: '2' });
    expect(patchPod({ metadata: { labels: { $patch: 'delete' } } }).metadata.labels).toEqual({});
  });

  it('adds to sets of scalars and deletes from them', () => {
    expect(patchPod({ metadata: { finalizers: ['c/c', 'a/a'] } }).metadata.finalizers.sort()).toEqual([
      'a/a',
      'b/b',
      'c/c',
    ]);
    expect(patchPod({ metadata: { '$deleteFromPrimitiveList/finalizers': ['a/a'] } }).metadata.finalizers).toEqual([
      'b/b',
    ]);
  });

  it('orders as $setElementOrder says, with what only the server has between', () => {
    const { spec } = patchPod({
      spec: {
        '$setElementOrder/containers': [{ name: 'two' }, { name: 'one' }],
        containers: [{ name: 'two', image: 'b:2' }],
      },
    });
    expect(spec.containers.map(({ name }) => name)).toEqual(['two', 'one']);
  });

  it('keeps only what $retainKeys names', () => {
    const deployment = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(applyStrategicMergePatch(deployments.schema, deployment, patch)).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    });
    const volumes = patchPod({
      spec: { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] },
    });
    expect(volumes.spec.volumes).toEqual([{ name: 'v', hostPath: { path: '/x' } }]);
  });

  it('takes nulls as deletion, and new values without directives', () => {
    expect(patchPod({ metadata: { labels: null } }).metadata).not.toHaveProperty('labels');
    const { spec } = patchPod({
      spec: {
        initContainers: [
          { name: 'i', env: null, $patch: 'merge' },
          { name: 'j', $patch: 'delete' },
        ],
      },
    }) as { spec: { initContainers?: unknown } };
    expect(spec.initContainers).toEqual([{ name: 'i' }]);
  });

  it('merges service ports by port', () => {
    const service = {
      spec: {
        ports: [
          { port: 80, name: 'http' },
          { port: 443, name: 'https' },
        ],
      },
    };
    const patched = applyStrategicMergePatch(services.schema, service, {
      spec: { ports: [{ port: 80, nodePort: 30080 }] },
    });
    expect(patched.spec.ports).toEqual([
      { port: 80, name: 'http', nodePort: 30080 },
      { port: 443, name: 'https' },
    ]);
  });

  it.each([
    [{ spec: { containers: [{ image: 'x' }] } }],
    [{ spec: { $patch: 'boil' } }],
    [{ spec: { containers: ['x'] } }],
    [{ spec: { '$setElementOrder/containers': 'x' } }],
    [[]],
  ])('refuses %j as a bad request', (patch) => {
    expect(reasonOf(() => patchPod(patch))).toBe('BadRequest');
  });

  it('changes nothing with an empty patch or with itself, and touches nothing it was given', () => {
    const containers = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), image: fc.string() }), {
      selector: ({ name }) => name,
    });
    fc.assert(
      fc.property(containers, containers, (had, asked) => {
        const object = { spec: { containers: had } };
        const patch = { spec: { containers: asked } };
        const [before, after] = [JSON.stringify(object), JSON.stringify(patch)];
        const result = applyStrategicMergePatch(pods.schema, object, patch);
        expect(applyStrategicMergePatch(pods.schema, object, {})).toEqual(object);
        expect(applyStrategicMergePatch(pods.schema, object, object)).toEqual(object);
        expect(applyStrategicMergePatch(pods.schema, result, patch)).toEqual(result);
        const names = new Set([...had, ...asked].map(({ name }) => name));
        expect(new Set(result.spec.containers.map(({ name }) => name))).toEqual(names);
        for (const { name, image } of asked)
          expect(result.spec.containers.find((other) => other.name === name)?.image).toBe(image);
        expect([JSON.stringify(object), JSON.stringify(patch)]).toEqual([before, after]);
      }),
    );
  });
});
