// Which resources are served now: the built-in catalogue plus those that CRDs add and remove while running.
import type { ResourceDefinition } from './definition.ts';

/** The live table of served resources. */
export interface ServedResources {
  find(group: string, version: string, plural: string): ResourceDefinition | undefined;
  findKind(apiVersion: string, kind: string): ResourceDefinition | undefined;
  all(): readonly ResourceDefinition[];
  /** Replaces everything that `owner` (a CRD's name) brought; an empty list removes it. */
  set(owner: string, definitions: readonly ResourceDefinition[]): void;
  onDidChange(listener: () => void): () => void;
  /** Grows with every change; discovery documents are cached by it. */
  readonly generation: number;
}

/** `group/version`, or `v1` for the core group. */
export function apiVersionOf(definition: { readonly group: string; readonly version: string }): string {
  return definition.group === '' ? definition.version : `${definition.group}/${definition.version}`;
}

/** Builds the table on a fixed catalogue. */
export function createServedResources(catalogue: readonly ResourceDefinition[]): ServedResources {
  const dynamic = new Map<string, readonly ResourceDefinition[]>();
  const listeners = new Set<() => void>();
  let byResource = new Map<string, ResourceDefinition>();
  let byKind = new Map<string, ResourceDefinition>();
  let everything: readonly ResourceDefinition[] = [];
  let generation = 0;

  const rebuild = (): void => {
    everything = [...catalogue, ...[...dynamic.values()].flat()];
    byResource = new Map();
    byKind = new Map();
    for (const definition of everything) {
      const apiVersion = apiVersionOf(definition);
      const resource = `${apiVersion}/${definition.plural}`;
      // The catalogue comes first and cannot be shadowed by a CRD.
      if (!byResource.has(resource)) byResource.set(resource, definition);
      const kind = `${apiVersion}/${definition.kind}`;
      if (!byKind.has(kind)) byKind.set(kind, definition);
    }
    generation++;
  };
  rebuild();

  return {
    find: (group, version, plural) =>
      byResource.get(group === '' ? `${version}/${plural}` : `${group}/${version}/${plural}`),
    findKind: (apiVersion, kind) => byKind.get(`${apiVersion}/${kind}`),
    all: () => everything,
    set(owner, definitions) {
      if (definitions.length === 0) dynamic.delete(owner);
      else dynamic.set(owner, definitions);
      rebuild();
      for (const listener of listeners) listener();
    },
    onDidChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get generation() {
      return generation;
    },
  };
}
