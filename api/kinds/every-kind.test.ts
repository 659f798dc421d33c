// Properties that hold for objects of every kind, generated from the declarations.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyServerSide } from '../schema/apply/index.ts';
import { arbitraryOf } from '../schema/arbitrary-fixture.ts';
import { applyDefaults, decode, validateStructure } from '../schema/index.ts';
import { cloneJson } from '../schema/json-value.ts';
import { applyMergePatch, applyStrategicMergePatch } from '../schema/patch/index.ts';
import { decodeProtobuf, encodeProtobuf, hasProtobuf } from '../schema/protobuf/index.ts';
import { apiVersionOf, catalogue } from './catalogue.ts';
import type { ResourceDefinition } from './resource.ts';

const kinds = catalogue.map((definition) => [`${apiVersionOf(definition)} ${definition.kind}`, definition] as const);

const runs = { numRuns: 15 };

function objects(definition: ResourceDefinition): fc.Arbitrary<Record<string, unknown>> {
  return arbitraryOf(definition.schema).map((object) => ({
    ...(object as Record<string, unknown>),
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    metadata: { name: 'x', ...((object as Record<string, unknown>)['metadata'] as object | undefined) },
  }));
}

/** Go's messages cannot tell most false flags from absent ones, and no reader of the API does. */
function withoutFalse(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, child: unknown) => (child === false ? undefined : child)));
}

describe.each(kinds)('%s', (_title, definition) => {
  it('is decoded without loss, and nothing in it is unknown', () => {
    fc.assert(
      fc.property(objects(definition), (object) => {
        const decoded = cloneJson(object);
        const unknown: string[] = [];
        expect(decode(definition.schema, decoded, { onUnknown: (path) => unknown.push(path) })).toEqual([]);
        expect(unknown).toEqual([]);
        expect(decoded).toEqual(object);
      }),
      runs,
    );
  });

  it('is defaulted once and for all, without losing what was there', () => {
    fc.assert(
      fc.property(objects(definition), (object) => {
        const defaulted = cloneJson(object);
        applyDefaults(definition.schema, defaulted);
        const again = cloneJson(defaulted);
        applyDefaults(definition.schema, again);
        expect(again).toEqual(defaulted);
        expect(decode(definition.schema, again)).toEqual([]);
      }),
      runs,
    );
  });

  it('is not changed by a patch with itself', () => {
    fc.assert(
      fc.property(objects(definition), (object) => {
        expect(applyMergePatch(object, object)).toEqual(object);
        expect(applyStrategicMergePatch(definition.schema, object, object)).toEqual(object);
      }),
      runs,
    );
  });

  it('is what one manager applies, and applying it again changes nothing', () => {
    const options = {
      manager: 'ann',
      apiVersion: apiVersionOf(definition),
      time: '2026-11-23T00:00:00Z',
      force: false,
    };
    fc.assert(
      fc.property(objects(definition), (object) => {
        const { managedFields: _managed, ...metadata } = (object['metadata'] ?? {}) as Record<string, unknown>;
        const draft = { ...object, metadata };
        const once = applyServerSide(definition.schema, undefined, draft, options);
        const { managedFields: _fields, ...applied } = once.metadata;
        expect({ ...once, metadata: applied }).toEqual(draft);
        expect(applyServerSide(definition.schema, once, draft, options)).toEqual(once);
      }),
      runs,
    );
  });

  it.runIf(hasProtobuf(apiVersionOf(definition), definition.kind))('comes back from protobuf as it went', () => {
    fc.assert(
      fc.property(objects(definition), (object) => {
        const back = decodeProtobuf(encodeProtobuf(object));
        decode(definition.schema, back);
        expect(withoutFalse(back)).toEqual(withoutFalse(object));
      }),
      runs,
    );
  });

  it('has rules and rows that report rather than throw', () => {
    fc.assert(
      fc.property(objects(definition), (object) => {
        applyDefaults(definition.schema, object);
        const whole = {
          ...object,
          metadata: {
            name: 'x',
            uid: 'u',
            resourceVersion: '1',
            creationTimestamp: '2026-11-23T00:00:00Z',
            ...(object['metadata'] as object),
          },
        } as never;
        definition.prepareForCreate?.(whole);
        if (validateStructure(definition.schema, whole).length > 0) return;
        expect(Array.isArray(definition.validate?.(whole))).toBe(true);
        const next = cloneJson(whole);
        definition.prepareForUpdate?.(next, whole);
        expect(definition.validateUpdate?.(next, whole)).toEqual([]);
        expect(definition.row(whole, 0)).toHaveLength(definition.columns.length);
        for (const value of Object.values(definition.selectableFields(whole))) expect(typeof value).toBe('string');
      }),
      runs,
    );
  });
});
