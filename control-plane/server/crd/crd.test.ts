// Custom resources as clients see them, and the compiled schema by table.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FieldError } from '../../../api/schema/field-error.ts';
import { startServer, type RunningServer } from '../fixtures/running-server.ts';
import { compileJsonPath } from './json-path.ts';
import { compileSchema } from './structural-schema.ts';
import { fillDefaults, prune, validateNode } from './walk-structure.ts';

const base = '/apis/example.com/v1/namespaces/default/widgets';
const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['colour'],
      properties: {
        colour: { type: 'string', enum: ['red', 'blue'] },
        count: { type: 'integer', default: 3, maximum: 10 },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: { type: 'object', properties: { count: { type: 'integer' } } },
  },
} as const;
const crd = (name: string, kind: string): object => ({
  metadata: { name: `${name}.example.com` },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: name, kind },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Colour', type: 'string', jsonPath: '.spec.colour' }],
      },
      { name: 'v1beta1', served: true, storage: false, schema: { openAPIV3Schema: schema } },
    ],
  },
});

describe('a custom resource', () => {
  let running: RunningServer;
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; value: Record<string, unknown> }> => {
    const { status, text } = await running.raw(method, path, { body, headers });
    return { status, value: JSON.parse(text) as Record<string, unknown> };
  };
  beforeAll(async () => {
    running = await startServer();
    expect(
      (await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd('widgets', 'Widget'))).status,
    ).toBe(201);
  });
  afterAll(() => running.close());

  it('is served soon after its definition', async () => {
    await expect.poll(async () => (await call('GET', base)).status).toBe(200);
  });

  it('is pruned, defaulted and validated', async () => {
    const created = await call('POST', base, {
      metadata: { name: 'a' },
      spec: { colour: 'red', lost: 1, free: { kept: true } },
    });
    expect(created).toMatchObject({
      status: 201,
      value: {
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        metadata: { generation: 1 },
        spec: { colour: 'red', count: 3, free: { kept: true } },
      },
    });
    expect(created.value['spec']).not.toHaveProperty('lost');
    const refused = await call('POST', base, { metadata: { name: 'b' }, spec: { colour: 'green', count: 11 } });
    expect(refused).toMatchObject({
      status: 422,
      value: { details: { causes: [{ field: 'spec.colour' }, { field: 'spec.count' }] } },
    });
  });

  it('notes who made it, as server-side apply needs it', async () => {
    const made = await running.raw('POST', `${base}?fieldManager=maker`, {
      body: { metadata: { name: 'owned' }, spec: { colour: 'red' } },
    });
    expect(JSON.parse(made.text)).toMatchObject({
      metadata: {
        managedFields: [
          {
            manager: 'maker',
            operation: 'Update',
            apiVersion: 'example.com/v1',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:spec': { 'f:colour': {} } },
          },
        ],
      },
    });
    const other = { apiVersion: 'example.com/v1', kind: 'Widget', spec: { colour: 'blue' } };
    const conflicting = await running.raw('PATCH', `${base}/owned?fieldManager=other`, {
      body: other,
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
    expect(conflicting.status).toBe(409);
    expect(conflicting.text).toContain('conflict with \\"maker\\"');
    expect((await running.raw('DELETE', `${base}/owned`)).status).toBe(200);
  });

  it('keeps status and spec apart', async () => {
    const { value } = await call('GET', `${base}/a`);
    const updated = await call('PUT', `${base}/a/status`, { ...value, spec: { colour: 'blue' }, status: { count: 1 } });
    expect(updated.value).toMatchObject({ spec: { colour: 'red' }, status: { count: 1 }, metadata: { generation: 1 } });
  });

  it('is served in every version, printed and watched', async () => {
    expect((await call('GET', '/apis/example.com/v1beta1/namespaces/default/widgets/a')).value['apiVersion']).toBe(
      'example.com/v1beta1',
    );
    const table = await call('GET', base, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    expect(table.value).toMatchObject({ rows: [{ cells: ['a', 'red'] }] });
    const watched = await running.raw('GET', `${base}?watch=1&resourceVersion=0&timeoutSeconds=1`);
    expect(JSON.parse(watched.text.split('\n')[0] ?? '')).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'a' } },
    });
  });

  it('refuses strategic merge patches and names that are taken', async () => {
    const patch = await call('PATCH', `${base}/a`, {}, { 'content-type': 'application/strategic-merge-patch+json' });
    expect(patch.status).toBe(415);
    const other = { ...crd('gadgets', 'Widget') };
    await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', other);
    const status = async (): Promise<unknown> =>
      (await call('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.example.com')).value[
        'status'
      ];
    await expect.poll(status).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'NamesAccepted', status: 'False', reason: 'SingularConflict' }),
      ]),
    });
  });

  it('goes with its definition, objects first', async () => {
    await call('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com');
    await expect.poll(async () => (await call('GET', base)).status).toBe(404);
    expect((await running.store.list('/registry/example.com/widgets/')).items).toEqual([]);
  });
});

describe('the compiled schema', () => {
  const faultsOf = (declared: object, value: unknown): string[] => {
    const faults: FieldError[] = [];
    validateNode(compileSchema(declared), value, 'f', faults);
    return faults.map(({ message }) => message);
  };

  it.each([
    [{ type: 'integer' }, 1.5],
    [{ type: 'string', maxLength: 2 }, 'abc'],
    [{ type: 'string', format: 'ipv4' }, '1.2.3'],
    [{ type: 'array', items: { type: 'string' }, minItems: 1 }, []],
    [{ type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }, ['a', 'a']],
    [
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', additionalProperties: true },
      },
      [{ k: 1 }, { k: 1, v: 2 }],
    ],
    [{ type: 'string' }, null],
    [{ 'x-kubernetes-int-or-string': true }, 1.5],
    [{ type: 'object', properties: { a: { type: 'string' } }, oneOf: [{ required: ['a'] }, { required: ['b'] }] }, {}],
    [{ type: 'string', not: { enum: ['no'] } }, 'no'],
  ])('%j refuses %j', (declared, value) => {
    expect(faultsOf(declared, value)).toHaveLength(1);
  });

  it('cannot be stopped by a pattern that backtracks', () => {
    const started = performance.now();
    expect(faultsOf({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`)).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('fills defaults below defaults and prunes below lists', () => {
    const node = compileSchema({
      type: 'object',
      properties: {
        a: { type: 'object', default: {}, properties: { b: { type: 'string', default: 'x' } } },
        l: { type: 'array', items: { type: 'object', properties: { k: { type: 'string' } } } },
      },
    });
    const value = { l: [{ k: 'v', drop: 1 }] };
    const dropped: string[] = [];
    prune(node, value, '', true, (path) => dropped.push(path));
    fillDefaults(node, value);
    expect(value).toEqual({ a: { b: 'x' }, l: [{ k: 'v' }] });
    expect(dropped).toEqual(['l[0].drop']);
  });
});

describe('JSONPath', () => {
  const object = {
    a: {
      'b.c': [1, 2],
      d: [
        { t: 'Ready', s: 'True' },
        { t: 'Other', s: 'False' },
      ],
    },
  };
  it.each([
    ['.a.d[0].t', ['Ready']],
    ['{.a.d[*].s}', ['True', 'False']],
    ['.a.d[?(@.t=="Ready")].s', ['True']],
    [`.a['b.c'][1]`, [2]],
    ['.a.b\\.c[0]', [1]],
    ['.none.at.all', []],
  ])('%s', (path, expected) => {
    expect(compileJsonPath(path)?.(object)).toEqual(expected);
  });
  it('refuses what is not a path', () => {
    expect(compileJsonPath('.a[')).toBeUndefined();
  });
});
