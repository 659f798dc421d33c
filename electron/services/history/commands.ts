// The past of a cluster, asked of our own control plane (`pilothouse.io/v1 history`), as rows of the console.
import { z } from 'zod';
import { stringify } from 'yaml';
import type { HistoryChange, HistoryMoment, HistoryVersion, NodeRow, PodRow } from '../../../api/console/index.ts';
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { ApiError, type Status } from '../../../api/meta/status.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { authored } from '../changes/undo.ts';
import { inCluster, type CommandsOf } from '../commands/table.ts';
import { ServiceError } from '../errors.ts';
import { nodeRow, noLoad, type NodeLoad } from '../projections/node.ts';
import { podRow } from '../projections/pod.ts';
import { objectOfKey } from './object-key.ts';
import { isRestorable, restoreObject } from './restore.ts';

const root = '/apis/pilothouse.io/v1/history';
const moment = z.number().int().min(0).max(8.64e15);
const objectKey = z.string().startsWith('/registry/').max(1000);
const time = z.string().transform((text) => Date.parse(text));

const spanAnswer = z.object({
  status: z.object({
    from: time.optional(),
    to: time.optional(),
    activity: z.array(z.number()),
    gaps: z.array(time),
    bytes: z.number(),
  }),
});
const stateAnswer = z.object({ items: z.array(z.object({ kind: z.string() }).loose()) });
const changesAnswer = z.object({
  metadata: z.object({ remainingItemCount: z.number().default(0) }),
  items: z.array(z.object({ key: z.string(), change: z.enum(['added', 'changed', 'removed']), time })),
});
const versionsAnswer = z.object({ items: z.array(z.object({ time, object: z.unknown() })) });
const checkAnswer = z.object({ status: z.object({ intact: z.boolean(), lines: z.number() }) });

async function ask<T>(
  client: RestClient,
  path: string,
  query: Record<string, string | number>,
  answer: z.ZodType<T>,
): Promise<T> {
  const response = await client.request({ method: 'GET', path: `${root}${path}`, query });
  const text = await response.text();
  if (response.status === 404) throw new ServiceError('NotSupported', 'This cluster keeps no history of its own.');
  const body: unknown = JSON.parse(text);
  if (response.status !== 200) throw new ApiError(body as Status);
  return answer.parse(body);
}

const yamlOf = (object: unknown): string => stringify(object, { lineWidth: 0 });

function versionOf(at: number, object: KubernetesObject | null): HistoryVersion {
  if (object === null) return { at, restorable: false };
  return { at, yaml: yamlOf(object), restorable: isRestorable(object) };
}

function momentOf(at: number, objects: readonly unknown[]): HistoryMoment {
  const kinds = objects as readonly (Node | Pod)[];
  const pods = kinds.filter((one): one is Pod => one.kind === 'Pod').map(podRow);
  const loads = new Map<string, NodeLoad>();
  for (const pod of pods) if (pod.node !== undefined && !pod.over) loads.set(pod.node, more(loads, pod));
  const nodes = kinds
    .filter((one): one is Node => one.kind === 'Node')
    .map((node): NodeRow => nodeRow(node, loads.get(node.metadata.name) ?? noLoad));
  return { at, nodes, pods };
}

function more(loads: ReadonlyMap<string, NodeLoad>, { node = '', cpuMilli, memoryBytes }: PodRow): NodeLoad {
  const load = loads.get(node) ?? noLoad;
  return {
    pods: load.pods + 1,
    cpuMilli: load.cpuMilli + cpuMilli,
    memoryBytes: load.memoryBytes + memoryBytes,
  };
}

export const historyCommands: CommandsOf<'history'> = {
  'history.span': {
    payload: inCluster.extend({ buckets: z.number().int().min(1).max(600) }),
    async run({ clusterId, buckets }, { clusters }) {
      const { client } = clusters.get(clusterId).session;
      return (await ask(client, '', { buckets }, spanAnswer)).status;
    },
  },
  'history.moment': {
    payload: inCluster.extend({ at: moment }),
    async run({ clusterId, at }, { clusters }) {
      const { client } = clusters.get(clusterId).session;
      const query = { time: new Date(at).toISOString(), resources: 'nodes,pods' };
      return momentOf(at, (await ask(client, '/state', query, stateAnswer)).items);
    },
  },
  'history.changes': {
    payload: inCluster.extend({ from: moment, to: moment }),
    async run({ clusterId, from, to }, { clusters }) {
      const { client } = clusters.get(clusterId).session;
      const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
      const { items, metadata } = await ask(client, '/changes', query, changesAnswer);
      const changes = items.map(({ key, change, time: at }): HistoryChange => ({
        key,
        change,
        at,
        ...objectOfKey(key),
      }));
      return { changes: changes.filter(({ kind }) => kind !== 'Event'), more: metadata.remainingItemCount };
    },
  },
  'history.versions': {
    payload: inCluster.extend({ key: objectKey }),
    async run({ clusterId, key }, { clusters }) {
      const { client } = clusters.get(clusterId).session;
      const { items } = await ask(client, '/versions', { key }, versionsAnswer);
      return { versions: items.map(({ time: at, object }) => versionOf(at, object as KubernetesObject | null)) };
    },
  },
  'history.restore': {
    payload: inCluster.extend({ key: objectKey, at: moment, dryRun: z.boolean() }),
    async run({ clusterId, key, at, dryRun }, { clusters, changes }) {
      const { client } = clusters.get(clusterId).session;
      const { items } = await ask(client, '/versions', { key }, versionsAnswer);
      const past = items.findLast(({ time: since }) => since <= at)?.object as KubernetesObject | null | undefined;
      if (past === undefined || past === null) throw new ServiceError('NotFound', 'It did not exist at that moment.');
      const { before, after } = await restoreObject(client, past, dryRun);
      const summary = `${past.kind} ${past.metadata.name}`;
      if (!dryRun) await changes.record(clusterId, { verb: 'restore', summary, before, after });
      return { before: before && yamlOf(authored(before)), after: yamlOf(authored(after)) };
    },
  },
  'history.check': {
    payload: inCluster,
    async run({ clusterId }, { clusters }) {
      const { client } = clusters.get(clusterId).session;
      return (await ask(client, '/verification', {}, checkAnswer)).status;
    },
  },
};
