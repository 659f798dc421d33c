// The API server alone with many of everything: 50,000 objects, 1,000 watchers, 100 CustomResourceDefinitions. What each
// of them costs in memory, and that a change still reaches everybody.
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import type { Transport } from '../../machinery/transport/contract.ts';
import { until } from '../support/until.ts';
import { pause, residentMiB, whyNot, withPlane, type Plane } from './plane.ts';
import type { Figure, Section } from './report.ts';

const objects = 50_000;
const watchers = 1_000;
const definitions = 100;
const perDefinition = 10;
const inFlight = 64;
const sessions = 20;
const rounds = 20;
const maps = '/api/v1/namespaces/default/configmaps';
const json = { 'content-type': 'application/json' };

async function send(transport: Transport, method: string, path: string, body?: unknown): Promise<string> {
  const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const answer = await transport.request({ method, path, headers: json, body: content });
  const text = await answer.text();
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
  return text;
}

/** Runs `work` for 0 … count-1, so many at a time; gives the seconds it took. */
async function many(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  let next = 0;
  const run = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: inFlight }, run));
  return (performance.now() - begun) / 1000;
}

const filler = 'x'.repeat(1200);

function mapNamed(index: number): object {
  const name = `m-${String(index).padStart(6, '0')}`;
  return { metadata: { name, labels: { app: `a${index % 100}` } }, data: { filler } };
}

function definitionNamed(index: number): object {
  const text = { type: 'string', maxLength: 64 };
  const fields = Object.fromEntries(Array.from({ length: 50 }, (_, field) => [`field${field}`, text]));
  const rule = { rule: 'self.field0 != self.field1', message: 'two of them are alike' };
  const spec = { type: 'object', properties: fields, 'x-kubernetes-validations': [rule] };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.g${index}.scale.example.com` },
    spec: {
      group: `g${index}.scale.example.com`,
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/** Watches of all config maps, spread over connections; `received` counts the events of each. */
async function openWatches(
  { kubeconfig }: Plane,
  url: string,
  resourceVersion: string,
): Promise<{ received: number[]; close(): void }> {
  const { ca, cert, key } = clusterOf(loadKubeconfig(kubeconfig));
  const connections: ClientHttp2Session[] = [];
  const received = Array.from({ length: watchers }, () => 0);
  const opening: Promise<void>[] = [];
  for (let session = 0; session < sessions; session++) {
    const connection = connect(url, { ca, cert, key });
    connections.push(connection);
    for (let index = session; index < watchers; index += sessions) {
      const stream: ClientHttp2Stream = connection.request({
        ':path': `${maps}?watch=1&resourceVersion=${resourceVersion}`,
      });
      opening.push(new Promise((resolve) => stream.once('response', () => resolve())));
      stream.on('data', (data: Buffer) => {
        for (const byte of data) if (byte === 10) received[index] = (received[index] ?? 0) + 1;
      });
    }
  }
  await Promise.all(opening);
  return {
    received,
    close() {
      for (const connection of connections) connection.destroy();
    },
  };
}

async function measure(plane: Plane, log: (line: string) => void): Promise<Figure[]> {
  const pid = plane.pids['server'] ?? 0;
  const access = clusterOf(loadKubeconfig(plane.kubeconfig));
  const transport = createHttpsTransport(access);
  const settled = async (): Promise<number> => {
    await pause(10);
    return residentMiB(pid);
  };
  try {
    const empty = await settled();
    log(`creating ${objects} objects`);
    const seconds = await many(objects, (index) => send(transport, 'POST', maps, mapNamed(index)));
    const full = await settled();
    log(`creating ${definitions} CustomResourceDefinitions with ${perDefinition} objects each`);
    for (let index = 0; index < definitions; index++)
      await send(transport, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definitionNamed(index));
    const things = (index: number): string => `/apis/g${index}.scale.example.com/v1/namespaces/default/things`;
    await until('every definition to be served', async () => {
      await Promise.all(Array.from({ length: definitions }, (_, index) => send(transport, 'GET', things(index))));
      return true;
    });
    await many(definitions * perDefinition, (index) =>
      send(transport, 'POST', things(index % definitions), {
        apiVersion: `g${index % definitions}.scale.example.com/v1`,
        kind: 'Thing',
        metadata: { name: `t${index}` },
        spec: { field0: 'a', field1: 'b' },
      }),
    );
    const defined = await settled();
    log(`opening ${watchers} watches`);
    const listed = performance.now();
    const list = await send(transport, 'GET', maps);
    const listMs = performance.now() - listed;
    const { metadata } = JSON.parse(list.slice(0, 300).replace(/,"items".*$/s, '}')) as {
      metadata: { resourceVersion: string };
    };
    const watches = await openWatches(plane, access.servers[0] ?? '', metadata.resourceVersion);
    const watched = await settled();
    const begun = performance.now();
    for (let round = 0; round < rounds; round++)
      await send(transport, 'PUT', `${maps}/m-000001`, { ...mapNamed(1), data: { round: String(round) } });
    await until(
      'every watcher to have every change',
      () => watches.received.every((count) => count >= rounds),
      60_000,
      5,
    );
    const eventsPerSecond = (watchers * rounds * 1000) / (performance.now() - begun);
    const exact = watches.received.every((count) => count === rounds);
    watches.close();
    const after = await settled();
    return [
      { name: 'resident, empty', value: empty, unit: 'MB' },
      { name: `${objects} objects of 1.5 KB: created`, value: objects / seconds, unit: '/s' },
      { name: `${objects} objects: resident`, value: full, unit: 'MB' },
      { name: 'memory for an object', value: ((full - empty) * 1024) / objects, unit: 'KB' },
      { name: `LIST ${objects}`, value: listMs, unit: 'ms', note: `${(list.length / 1e6).toFixed(0)} MB` },
      {
        name: `${definitions} definitions: memory for one, with ten objects`,
        value: ((defined - full) * 1024) / definitions,
        unit: 'KB',
      },
      { name: `${watchers} watchers: memory for one`, value: ((watched - defined) * 1024) / watchers, unit: 'KB' },
      {
        name: `${watchers} watchers, ${rounds} changes`,
        value: eventsPerSecond,
        unit: '/s',
        note: exact ? 'each event once' : 'EVENTS LOST OR DOUBLED',
      },
      { name: 'resident after all this', value: after, unit: 'MB' },
    ];
  } finally {
    transport.close();
  }
}

export const apiScaleSection: Section = {
  name: 'api-scale',
  describe: `the API server alone with ${objects} objects, ${watchers} watchers and ${definitions} CustomResourceDefinitions`,
  run: async (log) => {
    const obstacle = whyNot();
    if (obstacle === undefined) return withPlane(['api'], (plane) => measure(plane, log));
    log(`skipped: ${obstacle}`);
    return [];
  },
};
