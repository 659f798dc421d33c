// The way in without a socket, against the one with: the same server must answer the same.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMaps, pods } from '../../../api/kinds/core/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { createRestClient } from '../../../machinery/rest-client.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { startServer } from '../fixtures/running-server.ts';
import type { RunningServer } from '../fixtures/running-server.ts';

describe('the transport within the process', () => {
  let running: RunningServer;
  let inside: RestClient;
  const insideAs = (user: string, groups: string[] = []): RestClient =>
    createRestClient({ transport: running.server.transportAs({ user, groups }), userAgent: 'test' });
  const configMap = (
    name: string,
    data: Record<string, string> = {},
  ): { metadata: { name: string }; data: object } => ({
    metadata: { name },
    data,
  });

  beforeAll(async () => {
    running = await startServer();
    inside = insideAs('system:pilothouse-control-plane', ['system:masters']);
  });
  afterAll(async () => {
    inside.close();
    await running.close();
  });

  it('answers what the socket answers, byte for byte', async () => {
    await inside.resource(configMaps, 'default').create(configMap('same', { text: 'é✓' }) as never);
    const path = '/api/v1/namespaces/default/configmaps/same';
    const outside = await running.raw('GET', path);
    const answer = await inside.request({ method: 'GET', path, headers: { accept: 'application/json' } });
    expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 200, text: outside.text });
    expect(answer.headers['content-type']).toBe(outside.headers['content-type']);
  });

  it('is authorized as the user that it names, and told why not', async () => {
    const stranger = insideAs('mallory');
    await expect(stranger.resource(configMaps, 'default').list()).rejects.toMatchObject({
      status: { reason: 'Forbidden', message: expect.stringContaining('User "mallory" cannot list') as string },
    });
    stranger.close();
  });

  it('lists more than one piece, whole', async () => {
    const api = inside.resource(configMaps, 'default');
    const data = { filler: 'x'.repeat(100_000) };
    await Promise.all(Array.from({ length: 12 }, (_, index) => api.create(configMap(`large-${index}`, data) as never)));
    const { items } = await api.list();
    expect(items.filter(({ metadata }) => metadata.name.startsWith('large-'))).toHaveLength(12);
    const outside = JSON.parse((await running.raw('GET', '/api/v1/namespaces/default/configmaps')).text) as {
      items: unknown[];
    };
    expect(outside.items).toEqual(JSON.parse(JSON.stringify(items)));
  });

  it('watches until the loop is left, and the watch then ends', async () => {
    const api = inside.resource(configMaps, 'default');
    const { metadata } = await api.list();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { type, object } of api.watch({ resourceVersion: metadata.resourceVersion })) {
        seen.push(`${type} ${object.metadata.name}`);
        if (seen.length === 2) break;
      }
    })();
    await api.create(configMap('one') as never);
    await api.delete('one');
    await watching;
    expect(seen).toEqual(['ADDED one', 'DELETED one']);
  });

  it('rejects with the reason of an aborted signal, before and in the middle of an answer', async () => {
    const aborting = new AbortController();
    const api = inside.resource(pods, 'default');
    const { metadata } = await api.list();
    const events = api.watch({ resourceVersion: metadata.resourceVersion, signal: aborting.signal });
    const next = (events as AsyncGenerator<{ object: Pod }>).next();
    await new Promise((resolve) => setImmediate(resolve));
    aborting.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    await expect(api.list({ signal: aborting.signal })).rejects.toThrow('enough');
  });

  it('cannot be used after it is closed', async () => {
    const short = insideAs('system:admin', ['system:masters']);
    short.close();
    await expect(short.resource(configMaps, 'default').list()).rejects.toMatchObject({
      status: { reason: 'ServiceUnavailable' },
    });
  });
});
