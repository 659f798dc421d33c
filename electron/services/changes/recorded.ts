// Changes one object and remembers how to take it back.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { ResourceClient, ResourceRef } from '../../../machinery/rest-client.ts';
import type { Context } from '../context.ts';
import { namespaceContents } from './namespace-contents.ts';

export interface Target<T extends KubernetesObject> {
  readonly clusterId: string;
  readonly resource: ResourceRef<T>;
  readonly namespace?: string;
  readonly name: string;
}

/** Runs `act` on the present object and records its answer as a change. Nothing is recorded when it fails. */
export async function changeObject<T extends KubernetesObject>(
  context: Context,
  { clusterId, resource, namespace, name }: Target<T>,
  verb: string,
  summary: (before: T, after: T) => string,
  act: (objects: ResourceClient<T>, before: T) => Promise<T>,
): Promise<T> {
  const objects = context.clusters.get(clusterId).session.client.resource(resource, namespace);
  const before = await objects.get(name);
  const after = await act(objects, before);
  await context.changes.record(clusterId, { verb, summary: summary(before, after), before, after });
  return after;
}

/** Deletes an object in the background and records what it was. */
export async function deleteObject<T extends KubernetesObject>(
  context: Context,
  { clusterId, resource, namespace, name }: Target<T>,
  graceSeconds?: number,
): Promise<void> {
  const objects = context.clusters.get(clusterId).session.client.resource(resource, namespace);
  const before = await objects.get(name);
  const { client } = context.clusters.get(clusterId).session;
  const isNamespace = before.kind === 'Namespace' && before.apiVersion === 'v1';
  const contents = isNamespace ? await namespaceContents(client, context.clock, name) : undefined;
  await objects.delete(name, {
    propagationPolicy: 'Background',
    gracePeriodSeconds: graceSeconds,
    preconditions: { uid: before.metadata.uid },
  });
  await context.changes.record(clusterId, { verb: 'delete', summary: `${before.kind} ${name}`, before, contents });
}
