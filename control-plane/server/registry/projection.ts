// Turns objects into Tables and PartialObjectMetadata, which kubectl and metadata informers ask for.
import type { KubernetesObject, ListMeta, ObjectMeta } from '../../../api/meta/object-meta.ts';
import type { StoredObject } from '../../store/contract.ts';
import { badRequest } from './errors.ts';
import type { Projection } from '../http/negotiate.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import type { ResourceRequest } from './resource-request.ts';

/** An object reduced to its type and metadata. */
export interface PartialObjectMetadata {
  readonly kind: 'PartialObjectMetadata';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: Readonly<ObjectMeta>;
}

/** A table row: its cells and, as the client wishes, nothing, the metadata or the whole object. */
export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object?: unknown;
}

/** The metadata of an object. */
export function projectObject(object: Readonly<KubernetesObject>): PartialObjectMetadata {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** A list as a Table or as PartialObjectMetadataList. */
export function projectList(
  projection: Exclude<Projection, 'none'>,
  request: ResourceRequest,
  items: readonly StoredObject[],
  metadata: ListMeta,
  nowMs: number,
): object {
  if (projection === 'metadata') {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: items.map((item) => projectObject(item.peek())),
    };
  }
  const include = includeObjectOf(request.exchange.query);
  const rows = items.map((item) => tableRow(request.definition, item.peek(), include, nowMs));
  return tableOf(request.definition, metadata, rows, true);
}

/** What `includeObject` may ask for. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** Reads the `includeObject` parameter; the default is `Metadata`. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') || 'Metadata';
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`);
}

/** One row. */
export function tableRow(
  definition: ResourceDefinition,
  object: Readonly<KubernetesObject>,
  include: IncludeObject,
  nowMs: number,
): TableRow {
  const cells = definition.row(object, nowMs);
  if (include === 'None') return { cells };
  return { cells, object: include === 'Object' ? object : projectObject(object) };
}

/** A whole Table; watches name the columns only in their first event. */
export function tableOf(
  definition: ResourceDefinition,
  metadata: ListMeta,
  rows: readonly TableRow[],
  withColumns: boolean,
): object {
  const columnDefinitions = withColumns ? definition.columns : [];
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions, rows };
}
