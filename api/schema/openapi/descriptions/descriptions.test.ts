import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../kinds/catalogue.ts';
import type { Schema } from '../../schema.ts';
import { collectDefinitions } from '../definition-schemas.ts';
import { descriptions } from './index.ts';

const definitions = new Map<string, Schema>();
for (const { schema } of catalogue) collectDefinitions(schema, definitions);

describe('descriptions', () => {
  it('are of types and fields that exist', () => {
    const stray = Object.entries(descriptions).flatMap(([name, fields]) => {
      const schema = definitions.get(name);
      if (schema === undefined) return [name];
      return Object.keys(fields)
        .filter((field) => field !== '' && !schema.fields?.has(field))
        .map((field) => `${name}.${field}`);
    });
    expect(stray).toEqual([]);
  });

  it('are sentences, and more than 300', () => {
    const sentences = Object.values(descriptions).flatMap((fields) => Object.values(fields));
    expect(sentences.length).toBeGreaterThan(300);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Za-z$*"].*[.…]$/);
  });
});
