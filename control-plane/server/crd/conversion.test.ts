// Several versions of a custom resource: a real HTTPS conversion webhook beside a real server, defaults on read, and
// what becomes of stored objects when the storage version moves.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../../machinery/pki/index.ts';
import { startServer, type RunningServer } from '../fixtures/running-server.ts';

interface Host {
  readonly apiVersion: string;
  readonly metadata: { name: string; uid: string; labels?: Record<string, string>; resourceVersion: string };
  readonly spec: { hostPort?: string; host?: string; port?: string; mode?: string };
}

interface Review {
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly Host[] };
}

const group = 'conv.example.com';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const path = (version: string, name = ''): string =>
  `/apis/${group}/${version}/namespaces/default/hosts${name === '' ? '' : `/${name}`}`;

let running: RunningServer;
let hook: Server;
let calls = 0;
let misbehaves: 'not' | 'renames' | 'fails' | 'drops' = 'not';

function convert(host: Host, apiVersion: string): object {
  const { spec } = host;
  if (apiVersion.endsWith('/v2')) {
    const [name = '', port = ''] = (spec.hostPort ?? '').split(':');
    return { ...host, apiVersion, spec: { host: name, port } };
  }
  return { ...host, apiVersion, spec: { hostPort: `${spec.host}:${spec.port}` } };
}

beforeAll(async () => {
  running = await startServer();
  const { cert, key } = await issueCertificate(running.ca, {
    commonName: 'hook',
    sans: ['127.0.0.1'],
    usages: ['server'],
  });
  hook = createServer({ cert, key }, (request, response) => {
    let text = '';
    request.on('data', (part) => (text += String(part)));
    request.on('end', () => {
      calls++;
      const { uid, desiredAPIVersion, objects } = (JSON.parse(text) as Review).request;
      let converted: object[] = objects.map((one) => convert(one, desiredAPIVersion));
      if (misbehaves === 'renames')
        converted = converted.map((one) => ({ ...one, metadata: { ...(one as Host).metadata, name: 'other' } }));
      if (misbehaves === 'drops') converted = [];
      const result = misbehaves === 'fails' ? { status: 'Failed', message: 'out of paper' } : { status: 'Success' };
      response.end(
        JSON.stringify({
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'ConversionReview',
          response: { uid, result, convertedObjects: converted },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const { port } = hook.address() as AddressInfo;
  const strings = (...names: string[]): object => ({
    type: 'object',
    properties: {
      spec: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) },
    },
  });
  const made = await running.raw('POST', definitions, {
    body: {
      metadata: { name: `hosts.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'hosts', kind: 'Host' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: strings('hostPort') } },
          { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: strings('host', 'port') } },
        ],
        conversion: {
          strategy: 'Webhook',
          webhook: {
            conversionReviewVersions: ['v1'],
            clientConfig: {
              url: `https://127.0.0.1:${port}/`,
              caBundle: Buffer.from(running.ca.cert).toString('base64'),
            },
          },
        },
      },
    },
  });
  expect(made.status).toBe(201);
  while ((await running.raw('GET', path('v1'))).status !== 200) await new Promise((resolve) => setTimeout(resolve, 10));
});
afterAll(async () => {
  hook.close();
  hook.closeAllConnections();
  await running.close();
});

const read = async (version: string, name: string): Promise<Host> =>
  JSON.parse((await running.raw('GET', path(version, name))).text) as Host;

describe('a conversion webhook', () => {
  it('serves each version in its own form, whichever was written', async () => {
    const one = await running.raw('POST', path('v1'), {
      body: { metadata: { name: 'one' }, spec: { hostPort: 'a:1' } },
    });
    expect(one.status).toBe(201);
    const two = await running.raw('POST', path('v2'), {
      body: { metadata: { name: 'two' }, spec: { host: 'b', port: '2' } },
    });
    expect(JSON.parse(two.text)).toMatchObject({ apiVersion: `${group}/v2`, spec: { host: 'b', port: '2' } });
    expect(await read('v2', 'one')).toMatchObject({ apiVersion: `${group}/v2`, spec: { host: 'a', port: '1' } });
    expect(await read('v1', 'two')).toMatchObject({ apiVersion: `${group}/v1`, spec: { hostPort: 'b:2' } });
  });

  it('is asked once for a whole list, and not again for what did not change', async () => {
    await running.raw('GET', path('v2'));
    const before = calls;
    const { items } = JSON.parse((await running.raw('GET', path('v2'))).text) as { items: Host[] };
    expect(items.map(({ spec }) => spec)).toEqual([
      { host: 'a', port: '1' },
      { host: 'b', port: '2' },
    ]);
    expect(calls).toBe(before);
  });

  it('is heard in updates and watches of the other version', async () => {
    const current = await read('v2', 'one');
    const updated = await running.raw('PUT', path('v2', 'one'), {
      body: { ...current, spec: { host: 'c', port: '3' } },
    });
    expect(updated.status).toBe(200);
    expect((await read('v1', 'one')).spec).toEqual({ hostPort: 'c:3' });
    const watched = await running.raw(
      'GET',
      `${path('v2')}?watch=true&resourceVersion=${current.metadata.resourceVersion}&timeoutSeconds=1`,
    );
    const events = watched.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { object: Host });
    expect(events.at(-1)?.object).toMatchObject({ apiVersion: `${group}/v2`, spec: { host: 'c', port: '3' } });
  });

  it.each([
    ['renames', 'must have the same name'],
    ['fails', 'out of paper'],
    ['drops', 'returned 0 objects, expected 1'],
  ] as const)('that %s is told to the client', async (how, message) => {
    await running.raw('PUT', path('v1', 'two'), {
      body: { ...(await read('v1', 'two')), spec: { hostPort: `${how}:1` } },
    });
    misbehaves = how;
    const { status, text } = await running.raw('GET', path('v2', 'two'));
    misbehaves = 'not';
    expect(status).toBe(500);
    expect(text).toContain(`conversion webhook for ${group}/v1, Kind=Host failed: `);
    expect(text).toContain(message);
    expect((await running.raw('GET', path('v1', 'two'))).status).toBe(200);
  });

  it('goes on serving what is stored in the old version when the storage version moves', async () => {
    const current = JSON.parse((await running.raw('GET', `${definitions}/hosts.${group}`)).text) as {
      spec: {
        versions: {
          name: string;
          storage: boolean;
          schema: { openAPIV3Schema: { properties: { spec: { properties: object } } } };
        }[];
      };
      status: { storedVersions: string[] };
    };
    for (const version of current.spec.versions) version.storage = version.name === 'v2';
    const second = current.spec.versions[1];
    if (second !== undefined)
      Object.assign(second.schema.openAPIV3Schema.properties.spec.properties, {
        mode: { type: 'string', default: 'plain' },
      });
    expect((await running.raw('PUT', `${definitions}/hosts.${group}`, { body: current })).status).toBe(200);
    let stored: string[] = [];
    while (stored.length < 2) {
      const { text } = await running.raw('GET', `${definitions}/hosts.${group}/status`);
      ({ storedVersions: stored } = (JSON.parse(text) as typeof current).status);
    }
    expect(stored).toEqual(['v1', 'v2']);
    // Defaults appear on read, also in what was stored before there were any.
    let host = await read('v2', 'one');
    while (host.spec.mode === undefined) host = await read('v2', 'one');
    expect(host.spec).toEqual({ host: 'c', port: '3', mode: 'plain' });
    // A version that objects may be stored in cannot go.
    const without = {
      ...current,
      metadata: undefined,
      spec: { ...current.spec, versions: current.spec.versions.slice(1) },
    };
    const latest = JSON.parse((await running.raw('GET', `${definitions}/hosts.${group}`)).text) as { metadata: object };
    const refused = await running.raw('PUT', `${definitions}/hosts.${group}`, {
      body: { ...without, metadata: latest.metadata },
    });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(
      'must remain in spec.versions until a storage migration ensures no data remains persisted',
    );
  });
});
