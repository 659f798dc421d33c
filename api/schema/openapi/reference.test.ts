// Our OpenAPI against the facts of the reference, where the reference lies beside the checkout; else skipped aloud.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../kinds/catalogue.ts';
import { openApiV2, openApiV3 } from './index.ts';

const file = new URL('../../../../shared/reference/openapi-v2.json', import.meta.url);
const suite = existsSync(file) ? describe : describe.skip;

type Json = Record<string, unknown>;

interface Reference {
  definitions: Record<string, Json>;
  paths: Record<string, { path?: string[]; query?: string[]; verbs?: Record<string, Json & { query?: string[] }> }>;
  v3Defaults: Record<string, Json>;
}

/** Of the versions that we serve, what upstream keeps behind a feature gate of its own, and we do not have. */
const notServed =
  /(^\/apis\/certificates\.k8s\.io\/v1beta1\/.*podcertificaterequests|\.v1beta1\.PodCertificateRequest)/;

const versions = [...new Set(catalogue.map(({ group, version }) => `${group}/${version}`))];

function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => !((key === 'description' && typeof child === 'string') || key === 'default'))
      .map(([key, child]) => [key, withoutWords(child)]),
  );
}

/** Kinds that every group version has: ours lists only the versions that we serve. */
const everywhere = /meta\.v1\.(DeleteOptions|WatchEvent)$/;

suite(
  existsSync(file)
    ? 'OpenAPI against the reference'
    : 'OpenAPI against the reference (skipped: ../shared/reference is not there)',
  () => {
    const reference = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Reference) : undefined;
    const ours = openApiV2(catalogue) as { definitions: Record<string, Json>; paths: Record<string, Json> };

    it('agrees on every definition of a served version', () => {
      const differing: string[] = [];
      for (const [name, definition] of Object.entries(ours.definitions)) {
        const theirs = reference?.definitions[name];
        const strip = (json: Json | undefined): unknown => {
          const { 'x-kubernetes-group-version-kind': kinds, required, ...others } = (withoutWords(json) ?? {}) as Json;
          const rest = { ...others, required: [...((required as string[] | undefined) ?? [])].sort() };
          return everywhere.test(name) ? rest : { ...rest, kinds };
        };
        try {
          expect(strip(definition)).toEqual(strip(theirs));
        } catch {
          differing.push(name);
        }
      }
      expect(differing).toEqual([]);
    });

    it('knows every definition that a served version leads to', () => {
      const groups = new Set(Object.keys(ours.definitions).map((name) => name.slice(0, name.lastIndexOf('.'))));
      // Only the migration of storage versions, which is not served, leads to these.
      const unserved = ['io.k8s.apimachinery.pkg.apis.meta.v1.GroupResource'];
      const missing = Object.keys(reference?.definitions ?? {}).filter(
        (name) => groups.has(name.slice(0, name.lastIndexOf('.'))) && ours.definitions[name] === undefined,
      );
      expect(missing.filter((name) => !unserved.includes(name) && !notServed.test(name))).toEqual([]);
    });

    it('publishes the same defaults', () => {
      for (const [name, defaults] of Object.entries(reference?.v3Defaults ?? {})) {
        const properties = ours.definitions[name]?.['properties'] as Record<string, Json> | undefined;
        if (properties === undefined) continue;
        const published = Object.entries(properties).filter(([, field]) => 'default' in field);
        expect(Object.fromEntries(published.map(([key, field]) => [key, field['default']])), name).toEqual(defaults);
      }
    });

    it('has every operation on every path, with its parameters', () => {
      const describePaths = (path: string): Json => {
        const item = (ours.paths[path] ?? {}) as Record<string, Json>;
        const entries = Object.entries(item).filter(([key]) => key !== 'parameters');
        return Object.fromEntries(
          entries.map(([method, operation]) => {
            const parameters = (operation['parameters'] ?? []) as { in: string; name: string }[];
            const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
            return [
              method,
              {
                action: operation['x-kubernetes-action'],
                kind: operation['x-kubernetes-group-version-kind'],
                query: query.sort(),
              },
            ];
          }),
        );
      };
      const differing: Record<string, unknown> = {};
      for (const [path, item] of Object.entries(reference?.paths ?? {})) {
        const served = versions.some((version) =>
          path.startsWith(version.startsWith('/') ? `/api${version}/` : `/apis/${version}/`),
        );
        if (!served || notServed.test(path)) continue;
        const theirs = Object.fromEntries(
          Object.entries(item.verbs ?? {}).map(([method, operation]) => [
            method,
            {
              action: operation['x-kubernetes-action'],
              kind: operation['x-kubernetes-group-version-kind'],
              query: [...(item.query ?? []), ...(operation.query ?? [])].sort(),
            },
          ]),
        );
        try {
          expect(describePaths(path)).toEqual(theirs);
        } catch {
          differing[path] = { ours: describePaths(path), theirs };
        }
      }
      expect(differing).toEqual({});
      expect(Object.keys(ours.paths).filter((path) => reference?.paths[path] === undefined)).toEqual([]);
    });
  },
);

describe('OpenAPI 3', () => {
  it.each(versions)('closes over every reference of %s', (name) => {
    const slash = name.lastIndexOf('/');
    const document = openApiV3(catalogue, { group: name.slice(0, slash), version: name.slice(slash + 1) });
    const { schemas } = document['components'] as { schemas: Json };
    const references = new Set(JSON.stringify(document).match(/#\/components\/schemas\/[^"]+/g));
    const open = [...references].filter(
      (reference) => schemas[reference.slice('#/components/schemas/'.length)] === undefined,
    );
    expect(open).toEqual([]);
  });
});
