// The registry's pure parts, by table.
import { describe, expect, it } from 'vitest';
import { pods } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { finalizersFor, gracePeriodOf, parseDeleteOptions } from './delete-options.ts';
import { findDuplicateKeys } from './duplicate-keys.ts';
import { generateName, sameDesire, stableJson } from './metadata.ts';
import { parseSelection } from './selection.ts';
import { encodeContinue, parseListVersion } from './versions.ts';

const definition = pods as ResourceDefinition;
const query = (text: string): URLSearchParams => new URLSearchParams(text);
const object = (fields: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
  ...fields,
});

describe('list versions', () => {
  it.each([
    ['', { consistency: 'latest', revision: undefined }],
    ['resourceVersion=0', { consistency: 'cache', revision: undefined }],
    ['resourceVersion=7', { consistency: { atLeast: 7 }, revision: undefined }],
    ['resourceVersion=7&limit=5', { revision: 7, limit: 5 }],
    ['resourceVersion=7&resourceVersionMatch=Exact', { revision: 7 }],
    [
      'resourceVersion=7&limit=5&resourceVersionMatch=NotOlderThan',
      { consistency: { atLeast: 7 }, revision: undefined, limit: 5 },
    ],
    [`continue=${encodeContinue(9, 'n/a')}&limit=2`, { revision: 9, afterKey: '/r/n/a', limit: 2 }],
    [`continue=${encodeContinue(-1, 'n/a')}`, { consistency: 'latest', revision: undefined, afterKey: '/r/n/a' }],
  ])('%s', (text, expected) => {
    expect(parseListVersion(query(text), '/r/')).toMatchObject(expected);
  });

  it.each([
    'resourceVersion=x',
    'resourceVersionMatch=Exact',
    'resourceVersion=0&resourceVersionMatch=Exact',
    'limit=-1',
    'continue=nonsense',
    `continue=${encodeContinue(3, '../../secrets')}`,
  ])('%s is refused', (text) => {
    expect(() => parseListVersion(query(text), '/r/')).toThrow();
  });
});

describe('selections', () => {
  it('find the name and the node that indexes can answer', () => {
    const selection = parseSelection(definition, query('fieldSelector=metadata.name=p,spec.nodeName=w'));
    expect(selection).toMatchObject({ name: 'p', nodeName: 'w', isEverything: false });
    expect(selection.matches(object({ spec: { nodeName: 'w' } }))).toBe(true);
    expect(selection.matches(object({ spec: { nodeName: 'x' } }))).toBe(false);
  });
  it('do not take "unbound" for a node', () => {
    expect(parseSelection(definition, query('fieldSelector=spec.nodeName=')).nodeName).toBeUndefined();
  });
});

describe('duplicate keys', () => {
  it.each([
    ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}', []],
    ['{"a":1,"a":2}', ['a']],
    ['{"x":{"y":[{"k":1},{"k":1,"k":2}]}}', ['x.y[1].k']],
    [String.raw`{"a\"":1,"b":"\"a\":","a":1}`, []],
    ['{"a":1,"a"', []],
  ])('%s', (text, expected) => {
    expect(findDuplicateKeys(Buffer.from(text)).slice(0, 1)).toEqual(expected);
  });
});

describe('deletion', () => {
  const metadata = (finalizers: string[]): KubernetesObject['metadata'] => ({ ...object({}).metadata, finalizers });
  it.each([
    [undefined, ['a', 'orphan'], ['a', 'orphan']],
    ['Background', ['a', 'orphan', 'foregroundDeletion'], ['a']],
    ['Orphan', ['a', 'foregroundDeletion'], ['a', 'orphan']],
    ['Foreground', [], ['foregroundDeletion']],
  ] as const)('policy %s on %j', (policy, before, after) => {
    expect(finalizersFor(definition, metadata([...before]), policy)).toEqual(after);
  });

  it.each([
    [{ spec: {} }, undefined, 0],
    [{ spec: { nodeName: 'w' } }, undefined, 30],
    [{ spec: { nodeName: 'w', terminationGracePeriodSeconds: 5 } }, undefined, 5],
    [{ spec: { nodeName: 'w' } }, 0, 0],
    [{ spec: { nodeName: 'w' }, status: { phase: 'Succeeded' } }, undefined, 0],
    [{ spec: { nodeName: 'w' } }, -5, 1],
  ])('grace of %j asked for %s', (fields, asked, expected) => {
    expect(gracePeriodOf(definition, object(fields), asked)).toBe(expected);
  });

  it('reads options from the body before the query', () => {
    const body = Buffer.from('{"propagationPolicy":"Foreground","preconditions":{"uid":"x"}}');
    expect(
      parseDeleteOptions(body, 'application/json', query('propagationPolicy=Orphan&gracePeriodSeconds=3')),
    ).toMatchObject({ propagationPolicy: 'Foreground', gracePeriodSeconds: 3, uid: 'x' });
    expect(() => parseDeleteOptions(Buffer.from('{"propagationPolicy":"Later"}'), undefined, query(''))).toThrow();
  });
});

describe('metadata', () => {
  it('generates names that fit', () => {
    const name = generateName('x'.repeat(80));
    expect(name).toHaveLength(63);
    const names = Array.from({ length: 200 }, () => generateName('a-'));
    for (const each of names) expect(each).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    // Of 27⁵ endings two of 200 are alike once in 700 runs (a create then tries again); four pairs never are.
    expect(new Set(names).size).toBeGreaterThan(196);
  });
  it('compares what is desired, whatever the order of keys and the status', () => {
    expect(sameDesire(object({ spec: { a: 1, b: 2 }, status: 1 }), object({ spec: { b: 2, a: 1 }, status: 2 }))).toBe(
      true,
    );
    expect(sameDesire(object({ spec: { a: 1 } }), object({ spec: { a: 2 } }))).toBe(false);
    expect(stableJson({ b: undefined, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}]}');
  });
});
