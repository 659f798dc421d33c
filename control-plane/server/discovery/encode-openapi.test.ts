import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../api/kinds/catalogue.ts';
import { openApiV2 } from '../../../api/schema/openapi/index.ts';
import { WireReader, wireType } from '../../../api/schema/protobuf/wire.ts';
import { startServer } from '../fixtures/running-server.ts';
import { encodeOpenApiV2, openApiProtobufTypes } from './encode-openapi.ts';

type Raw = Map<number, (Uint8Array | number)[]>;

/** Any protobuf message as its fields. */
function read(bytes: Uint8Array): Raw {
  const fields: Raw = new Map();
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const { field, type } = reader.tag();
    const value = type === wireType.bytes ? reader.bytes() : type === wireType.varint ? reader.unsigned() : 0;
    if (type === wireType.fixed64) reader.skip(type);
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}
const inside = (raw: Raw, field: number): Raw[] => (raw.get(field) ?? []).map((bytes) => read(bytes as Uint8Array));
const text = (raw: Raw | undefined, field: number): string =>
  Buffer.from((raw?.get(field)?.[0] as Uint8Array) ?? []).toString();
const named = (pairs: Raw[], name: string): Raw | undefined => {
  const pair = pairs.find((one) => text(one, 1) === name);
  return pair && inside(pair, 2)[0];
};

const swagger = openApiV2(catalogue, { gitVersion: 'v1.36.3' }) as {
  definitions: Record<string, { properties?: object; required?: string[]; description?: string }>;
  paths: Record<string, Record<string, { parameters?: { in?: string }[]; operationId?: string }>>;
};
const bytes = encodeOpenApiV2(swagger);
const document = read(bytes);

describe('OpenAPI v2 as protobuf', () => {
  const [definitions] = inside(document, 9);
  const [paths] = inside(document, 8);
  const schemas = inside(definitions ?? new Map(), 1);

  it('holds every definition with every property and every required field', () => {
    expect(schemas).toHaveLength(Object.keys(swagger.definitions).length);
    for (const pair of schemas) {
      const known = swagger.definitions[text(pair, 1)];
      const [schema] = inside(pair, 2);
      const [properties] = inside(schema ?? new Map(), 25);
      const names = inside(properties ?? new Map(), 1).map((one) => text(one, 1));
      expect(names).toEqual(Object.keys(known?.properties ?? {}));
      expect((schema?.get(19) ?? []).map((one) => Buffer.from(one as Uint8Array).toString())).toEqual(
        known?.required ?? [],
      );
    }
  });

  it('says of a field what JSON says', () => {
    const spec = named(schemas, 'io.k8s.api.core.v1.PodSpec');
    const properties = inside(inside(spec ?? new Map(), 25)[0] ?? new Map(), 1);
    const containers = named(properties, 'containers');
    expect(text(inside(containers ?? new Map(), 22)[0], 1)).toBe('array');
    const item = inside(inside(containers ?? new Map(), 23)[0] ?? new Map(), 1)[0];
    expect(text(item, 1)).toBe('#/definitions/io.k8s.api.core.v1.Container');
    const extensions = inside(containers ?? new Map(), 31);
    expect(text(named(extensions, 'x-kubernetes-patch-merge-key'), 2)).toBe('"name"');
  });

  it('names the kinds that clients look definitions up by', () => {
    const extensions = inside(named(schemas, 'io.k8s.api.core.v1.Pod') ?? new Map(), 31);
    const kinds = JSON.parse(text(named(extensions, 'x-kubernetes-group-version-kind'), 2)) as object[];
    expect(kinds).toEqual([{ group: '', kind: 'Pod', version: 'v1' }]);
  });

  it('holds every path with its operations and their parameters', () => {
    const items = inside(paths ?? new Map(), 2);
    expect(items).toHaveLength(Object.keys(swagger.paths).length);
    const methods = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 };
    for (const pair of items) {
      const known = swagger.paths[text(pair, 1)];
      const [item] = inside(pair, 2);
      for (const [method, field] of Object.entries(methods)) {
        const operation = inside(item ?? new Map(), field)[0];
        expect(text(operation, 5)).toBe(known?.[method]?.operationId ?? '');
        expect(operation?.get(8)?.length ?? 0).toBe(known?.[method]?.parameters?.length ?? 0);
      }
    }
  });
});

it('is served to those who ask for it first, and JSON to the others', async () => {
  const running = await startServer();
  try {
    const typeFor = async (accept: string): Promise<string | undefined> =>
      (await running.raw('GET', '/openapi/v2', { headers: { accept } })).headers['content-type'];
    for (const type of openApiProtobufTypes) expect(await typeFor(type)).toBe(openApiProtobufTypes[0]);
    expect(await typeFor('application/json')).toBe('application/json');
    expect(await typeFor(`application/json, ${openApiProtobufTypes[0]};q=0.5`)).toBe('application/json');
  } finally {
    await running.close();
  }
});
