// Validation rules of CRDs as clients meet them: when definitions are written, and when objects are.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../fixtures/running-server.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const definition = (plural: string, spec: object, more: object = {}): object => ({
  metadata: { name: `${plural}.rules.example.com` },
  spec: {
    group: 'rules.example.com',
    scope: 'Namespaced',
    names: { plural, kind: plural[0]?.toUpperCase() + plural.slice(1, -1) },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
      },
    ],
    ...more,
  },
});

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
});
afterAll(() => running.close());

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; message: string; value: Record<string, unknown> }> {
  const { status, text } = await running.raw(method, path, {
    body,
    headers: { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
  });
  const value = JSON.parse(text) as Record<string, unknown>;
  return { status, message: String(value['message'] ?? ''), value };
}

async function define(
  plural: string,
  spec: object,
): Promise<(name: string, spec: object) => Promise<{ status: number; message: string }>> {
  const made = await call('POST', definitions, definition(plural, spec));
  expect(made.message).toBe('');
  const path = `/apis/rules.example.com/v1/namespaces/default/${plural}`;
  for (;;) {
    const { status } = await call('GET', path);
    if (status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return async (name, value) => {
    const isThere = (await call('GET', `${path}/${name}`)).status === 200;
    return isThere
      ? call('PATCH', `${path}/${name}`, { spec: value })
      : call('POST', path, { metadata: { name }, spec: value });
  };
}

describe('rules of objects', () => {
  it('refuse with message, path and reason', async () => {
    const put = await define('limits', {
      type: 'object',
      'x-kubernetes-validations': [
        {
          rule: 'self.min <= self.max',
          messageExpression: "'min ' + string(self.min) + ' is above max ' + string(self.max)",
        },
        {
          rule: '!has(self.mode) || self.max > 5',
          fieldPath: '.mode',
          reason: 'FieldValueForbidden',
          message: 'no mode for small ones',
        },
        { rule: "self.tags.all(t, t.startsWith('x-'))", message: 'tags begin with x-' },
      ],
      required: ['min', 'max', 'tags'],
      properties: {
        min: { type: 'integer' },
        max: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 100' }] },
        mode: { type: 'string' },
        tags: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 20 } },
      },
    });
    expect((await put('good', { min: 1, max: 2, tags: ['x-a'] })).status).toBe(201);
    const bad = await put('bad', { min: 7, max: 3, mode: 'fast', tags: ['a'] });
    expect(bad.status).toBe(422);
    expect(bad.message).toContain('spec: Invalid value: min 7 is above max 3');
    expect(bad.message).toContain('spec.mode: Forbidden: no mode for small ones');
    expect(bad.message).toContain('spec: Invalid value: tags begin with x-');
    expect((await put('large', { min: 1, max: 100, tags: [] })).message).toContain(
      'spec.max: Invalid value: 100: failed rule: self < 100',
    );
    expect((await put('shapeless', { min: 'x', max: 1, tags: [] })).message).toContain(
      'some validation rules were not checked because the object was invalid',
    );
  });

  it('judge transitions by the old value, optional where it is', async () => {
    const put = await define('steps', {
      type: 'object',
      properties: {
        fixed: {
          type: 'string',
          'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is immutable' }],
        },
        grows: {
          type: 'integer',
          'x-kubernetes-validations': [
            {
              rule: 'oldSelf.hasValue() ? self >= oldSelf.value() : self == 0',
              optionalOldSelf: true,
              message: 'starts at 0 and grows',
            },
          ],
        },
        parts: {
          type: 'array',
          maxItems: 5,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { type: 'string' },
              size: {
                type: 'integer',
                'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'parts do not shrink' }],
              },
            },
          },
        },
      },
    });
    expect((await put('early', { grows: 1 })).message).toContain('starts at 0 and grows');
    expect(
      (
        await put('one', {
          fixed: 'a',
          grows: 0,
          parts: [
            { name: 'p', size: 2 },
            { name: 'q', size: 5 },
          ],
        })
      ).status,
    ).toBe(201);
    expect((await put('one', { fixed: 'b' })).message).toContain('spec.fixed: Invalid value: "b": fixed is immutable');
    expect(await put('one', { grows: 3 })).toMatchObject({ status: 200, message: '' });
    expect((await put('one', { grows: 2 })).message).toContain('starts at 0 and grows');
    expect(
      (
        await put('one', {
          parts: [
            { name: 'q', size: 6 },
            { name: 'p', size: 1 },
          ],
        })
      ).message,
    ).toContain('spec.parts[1].size: Invalid value: 1: parts do not shrink');
    expect(
      (
        await put('one', {
          parts: [
            { name: 'q', size: 6 },
            { name: 'p', size: 2 },
          ],
        })
      ).status,
    ).toBe(200);
  });

  it('leave alone what did not change, when rules come later', async () => {
    const open = { type: 'object', properties: { name: { type: 'string' }, note: { type: 'string' } } };
    const put = await define('grown', open);
    expect((await put('old', { name: 'UPPER' })).status).toBe(201);
    const strict = {
      type: 'object',
      properties: {
        name: {
          type: 'string',
          maxLength: 3,
          'x-kubernetes-validations': [{ rule: 'self == self.lowerAscii()', message: 'lower case' }],
        },
        note: { type: 'string' },
      },
    };
    const current = await call('GET', `${definitions}/grown.rules.example.com`);
    const next = structuredClone(current.value) as {
      spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: object } } } }[] };
    };
    for (const version of next.spec.versions) version.schema.openAPIV3Schema.properties.spec = strict;
    expect((await call('PUT', `${definitions}/grown.rules.example.com`, next)).status).toBe(200);
    for (;;) {
      if ((await put(`probe-${Math.random().toString(36).slice(2)}`, { name: 'TOO LONG' })).status === 422) break;
    }
    expect((await put('old', { note: 'changed' })).status).toBe(200);
    const changed = await put('old', { name: 'OTHER' });
    expect(changed.message).toContain('spec.name');
    expect((await put('old', { name: 'ABC' })).message).toContain('lower case');
  });

  it('see special types: quantities, durations, times, int-or-string, escaped names', async () => {
    const put = await define('typed', {
      type: 'object',
      'x-kubernetes-validations': [
        { rule: "!has(self.size) || quantity(self.size).isLessThan(quantity('1Gi'))" },
        { rule: "!has(self.wait) || self.wait < duration('1h')" },
        { rule: "!has(self.at) || self.at > timestamp('2020-01-01T00:00:00Z')" },
        { rule: "!has(self.port) || (type(self.port) == int ? self.port < 1000 : self.port == 'http')" },
        { rule: '!has(self.__namespace__) || self.a__dash__b == self.__namespace__' },
        { rule: '!has(self.raw) || size(self.raw) == 2' },
      ],
      properties: {
        size: { type: 'string', maxLength: 20 },
        wait: { type: 'string', format: 'duration' },
        at: { type: 'string', format: 'date-time' },
        port: { 'x-kubernetes-int-or-string': true },
        namespace: { type: 'string', maxLength: 63 },
        'a-b': { type: 'string', maxLength: 63 },
        raw: { type: 'string', format: 'byte', maxLength: 8 },
      },
    });
    expect(
      await put('fine', {
        size: '1Mi',
        wait: '10m',
        at: '2024-01-01T00:00:00Z',
        port: 80,
        namespace: 'x',
        'a-b': 'x',
        raw: 'aGk=',
      }),
    ).toMatchObject({ status: 201 });
    expect((await put('wide', { size: '2Gi' })).status).toBe(422);
    expect((await put('slow', { wait: '2h' })).status).toBe(422);
    expect((await put('past', { at: '2019-01-01T00:00:00Z' })).status).toBe(422);
    expect((await put('port', { port: 'https' })).status).toBe(422);
    expect((await put('name', { namespace: 'x', 'a-b': 'y' })).status).toBe(422);
    expect((await put('raw', { raw: 'aGVq' })).status).toBe(422);
  });
});

describe('definitions are refused', () => {
  const message = async (spec: object, more: object = {}): Promise<string> =>
    (await call('POST', definitions, definition('refuseds', spec, more))).message;
  const texts = { type: 'array', items: { type: 'string' } };

  it.each([
    [
      { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.nope' }] },
      'x-kubernetes-validations[0].rule: Invalid value: "self.nope": compilation failed: ERROR: <input>:1:5: undefined field \'nope\'',
    ],
    [{ type: 'object', 'x-kubernetes-validations': [{ rule: '1 + 1' }] }, 'cel expression must evaluate to a bool'],
    [{ type: 'object', 'x-kubernetes-validations': [{ rule: ' ' }] }, 'rule: Required value: rule is not specified'],
    [
      { type: 'object', 'x-kubernetes-validations': [{ rule: 'true', messageExpression: '1' }] },
      'messageExpression must evaluate to a string',
    ],
    [
      { type: 'object', 'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.nope' }] },
      'fieldPath: Invalid value: ".nope": does not refer to a valid field: nope',
    ],
    [
      { type: 'object', 'x-kubernetes-validations': [{ rule: 'true', optionalOldSelf: true }] },
      'may only be set to true when the rule uses oldSelf',
    ],
    [
      { ...texts, 'x-kubernetes-validations': [{ rule: 'self.all(a, self.all(b, a == b || a.contains(b)))' }] },
      'estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems',
    ],
    [
      {
        type: 'object',
        properties: {
          a: {
            type: 'array',
            items: { ...texts, 'x-kubernetes-validations': [{ rule: "self.all(t, t.matches('^a+$'))" }] },
          },
        },
      },
      'exceeds budget',
    ],
    [
      {
        type: 'array',
        maxItems: 3,
        items: { type: 'string', maxLength: 5, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
      },
      'oldSelf cannot be used on the uncorrelatable portion of the schema',
    ],
    [
      { type: 'object', properties: { a: { pattern: 'x' } } },
      'properties[a].type: Required value: must not be empty for specified object fields',
    ],
    [{ type: 'object', properties: { a: { type: 'text' } } }, 'Unsupported value: "text"'],
    [{ type: 'array' }, 'items: Required value: must be specified'],
    [
      { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
      "must be a valid regular expression, but isn't",
    ],
    [
      { type: 'object', properties: { a: { type: 'string', pattern: '(?=a)' } } },
      "must be a valid regular expression, but isn't",
    ],
    [{ type: 'object', properties: { a: { type: 'integer', default: 'x' } } }, 'properties[a].default'],
    [
      { type: 'object', properties: { a: { type: 'array', uniqueItems: true, items: { type: 'string' } } } },
      'uniqueItems cannot be set to true',
    ],
    [
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } },
      'mutual exclusive',
    ],
    [
      {
        type: 'object',
        properties: { a: { type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } } },
      },
      'must not be empty if x-kubernetes-list-type is map',
    ],
    [{ type: 'object', $ref: '#/x' }, '$ref is not supported'],
  ])('%j: %s', async (spec, expected) => {
    expect(await message(spec)).toContain(expected);
  });

  it('with names and versions that do not fit', async () => {
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } };
    expect(await message({}, { group: 'other.example.com' })).toContain('must be spec.names.plural+"."+spec.group');
    expect(await message({}, { versions: [version, { ...version, name: 'v2' }] })).toContain(
      'must have exactly one version marked as storage version',
    );
    expect(await message({}, { versions: [{ ...version, schema: undefined }] })).toContain('schemas are required');
    expect(await message({}, { conversion: { strategy: 'Webhook' } })).toContain(
      'required when strategy is set to Webhook',
    );
    expect(await message({}, { versions: [{ ...version, selectableFields: [{ jsonPath: '.spec.nope' }] }] })).toContain(
      'does not refer to a valid field',
    );
  });

  it('when their schema nests without end', async () => {
    let deep: object = { type: 'string' };
    for (let i = 0; i < 220; i++) deep = { type: 'object', properties: { a: deep } };
    expect((await call('POST', definitions, definition('deeps', deep))).status).toBeGreaterThanOrEqual(400);
  });

  it('under protected groups without approval', async () => {
    const whole = definition('widgets', { type: 'object' }) as { spec: object };
    const body = {
      metadata: { name: 'widgets.example.k8s.io' },
      spec: { ...whole.spec, group: 'example.k8s.io' },
    };
    expect((await call('POST', definitions, body)).message).toContain('protected groups must have approval annotation');
  });
});
