// The schema of object metadata; its types are in api/meta, for code that needs no schema.
import type { ListMeta, ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../../meta/object-meta.ts';
import type { Schema } from '../../schema/schema.ts';
import {
  atomicList,
  boolean,
  define,
  int64,
  keyedList,
  map,
  required,
  setOf,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { node } from '../../schema/schema.ts';

/** A set of field paths, in the notation of server-side apply. */
export const fieldsV1: Schema<Record<string, unknown>> = node({
  type: 'json',
  name: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
});

export const managedFieldsEntry = define('io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry', {
  apiVersion: string,
  fieldsType: string,
  fieldsV1,
  manager: string,
  operation: string,
  subresource: string,
  time,
}).schema as Schema<ManagedFieldsEntry>;

export const ownerReference: Schema<OwnerReference> = define(
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
  {
    apiVersion: required(string),
    blockOwnerDeletion: boolean,
    controller: boolean,
    kind: required(string),
    name: required(string),
    uid: required(string),
  },
  { atomic: true },
).schema;

const metadata = define('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', {
  annotations: map(string),
  creationTimestamp: time,
  deletionGracePeriodSeconds: int64,
  deletionTimestamp: time,
  finalizers: setOf(string, { strategy: 'merge' }),
  generateName: string,
  generation: int64,
  labels: map(string),
  managedFields: atomicList(managedFieldsEntry),
  name: string,
  namespace: string,
  ownerReferences: keyedList(ownerReference, 'uid'),
  resourceVersion: string,
  selfLink: string,
  uid: string,
}).schema;

/** Metadata of a stored object. */
export const objectMeta = metadata as Schema<ObjectMeta>;

/** Metadata of a template: the same fields, none of which the server fills in. */
export const templateMeta = metadata as Schema<Partial<ObjectMeta>>;

const shardInfo = define('io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo', { selector: required(string) });

export const listMeta = define('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta', {
  continue: string,
  remainingItemCount: int64,
  resourceVersion: string,
  selfLink: string,
  shardInfo,
}).schema as Schema<ListMeta>;
