// Hostile clients: what they send is cut or answered with a reason, and other clients notice nothing.
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../api/kinds/catalogue.ts';
import { configMaps, pods } from '../../api/kinds/core/index.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

/** What each generator throws at the server; PILOTHOUSE_FUZZ_RUNS=100000 goes on for as long as wished. */
const fuzzRuns = Number(process.env['PILOTHOUSE_FUZZ_RUNS'] ?? 60);
/** Where a run beyond the usual one may take its time. */
const fuzzTimeoutMs = Math.max(20_000, fuzzRuns * 50);

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
});
afterAll(() => running.close());

const identity = () => ({ ca: running.ca.cert, cert: running.admin.cert, key: running.admin.key });
const others = () => running.client.resource(configMaps, 'default').list();

async function openSocket(): Promise<TLSSocket> {
  const { hostname, port } = new URL(running.url);
  const socket = connect({ host: hostname, port: Number(port), ALPNProtocols: ['http/1.1'], ...identity() });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()));
  return socket;
}

describe('hostile clients', () => {
  it('may leave half-sent requests lying about', async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, openSocket));
    for (const socket of sockets)
      socket.write(
        'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"metadata"',
      );
    await others();
    for (const socket of sockets) socket.destroy();
    await others();
  });

  it('may send what is not HTTP', async () => {
    const socket = await openSocket();
    const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.write('\u0000\u0001\u0002 nonsense\r\n\r\n');
    expect(await answer).toContain('400 Bad Request');
  });

  it('may reset streams as fast as they can', async () => {
    const session: ClientHttp2Session = connectHttp2(running.url, identity());
    session.on('error', () => undefined);
    for (let index = 0; index < 500 && !session.destroyed; index++) {
      const stream = session.request({ ':path': '/api/v1/namespaces/default/configmaps' });
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await others();
    session.destroy();
    await others();
  });

  it('may leave in the middle of a watch', async () => {
    const session = connectHttp2(running.url, identity());
    const stream = session.request({ ':path': '/api/v1/configmaps?watch=1&resourceVersion=0' });
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('response', resolve));
    session.destroy();
    await others();
  });

  it('cannot use numbers that JSON cannot hold, or keys that are not theirs', async () => {
    const post = (body: string) => running.raw('POST', '/api/v1/namespaces/default/configmaps', { body });
    expect((await post('{"metadata":{"name":"n"},"data":{"a":12345678901234567890}}')).status).toBe(400);
    const polluted = await post('{"metadata":{"name":"proto"},"__proto__":{"polluted":true},"data":{"__proto__":"x"}}');
    expect(polluted.status).toBeLessThan(500);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('cannot confuse selectors', async () => {
    for (const selector of ['a in (', '(((((', `${'a,'.repeat(5000)}`, 'a=\u0000', '!', 'x>y']) {
      const { status } = await running.raw('GET', `/api/v1/pods?labelSelector=${encodeURIComponent(selector)}`);
      expect([200, 400]).toContain(status);
    }
  });
});

describe('every kind', () => {
  const creatable = catalogue.filter(({ verbs }) => verbs.includes('create'));
  const pathOf = ({ group, version, plural, namespaced }: (typeof creatable)[number]): string =>
    `/${group === '' ? 'api' : `apis/${group}`}/${version}/${namespaced ? 'namespaces/default/' : ''}${plural}`;
  const drafts = [
    {},
    { metadata: { name: 'x' } },
    { metadata: { name: 'x' }, spec: {} },
    { metadata: { name: 'x' }, spec: null, status: {} },
    { metadata: { name: 'x', ownerReferences: [{}] } },
  ];

  it.each(creatable.map((definition) => [`${definition.group}/${definition.plural}`, definition] as const))(
    '%s: what is incomplete is refused with a reason',
    async (_name, definition) => {
      for (const body of drafts) {
        const { status, text } = await running.raw('POST', `${pathOf(definition)}?dryRun=All`, { body });
        expect(status, `${JSON.stringify(body)}: ${text}`).toBeLessThan(500);
      }
    },
  );
});

describe('any JSON at all', () => {
  it(
    'as a pod is answered with a reason, never with a crash',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ maxDepth: 5 }), async (value) => {
          const { status } = await running.raw('POST', '/api/v1/namespaces/default/pods?dryRun=All', {
            body: JSON.stringify(value),
          });
          expect([400, 403, 422]).toContain(status);
        }),
        { numRuns: fuzzRuns },
      );
    },
    fuzzTimeoutMs,
  );

  it(
    'as a merge patch of a config map keeps the object whole',
    async () => {
      const maps = running.client.resource(configMaps, 'default');
      await maps.create({ metadata: { name: 'fuzzed' }, data: { kept: 'yes' } });
      await fc.assert(
        fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), async (patch) => {
          const answer = await running.raw('PATCH', '/api/v1/namespaces/default/configmaps/fuzzed', {
            body: JSON.stringify(patch),
            headers: { 'content-type': 'application/merge-patch+json' },
          });
          expect(answer.status).toBeLessThan(500);
        }),
        { numRuns: fuzzRuns },
      );
      expect((await maps.get('fuzzed')).metadata.name).toBe('fuzzed');
      expect((await running.client.resource(pods, 'default').list()).items).toEqual([]);
    },
    fuzzTimeoutMs,
  );

  it(
    'as bytes of any content type is answered with a reason, never with a crash',
    async () => {
      const types = ['json', 'yaml', 'vnd.kubernetes.protobuf', 'apply-patch+yaml', 'cbor', 'x'];
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 400 }),
        fc.string({ unit: 'binary', maxLength: 400 }).map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 400 }).map((rest) => Buffer.concat([Buffer.from('k8s\0'), rest])),
      );
      await fc.assert(
        fc.asyncProperty(bytes, fc.constantFrom(...types), async (body, type) => {
          const headers = { 'content-type': `application/${type}` };
          const { status } = await running.raw('POST', '/api/v1/namespaces/default/configmaps', { body, headers });
          expect([400, 415, 422]).toContain(status);
        }),
        { numRuns: fuzzRuns },
      );
    },
    fuzzTimeoutMs,
  );

  it(
    'as a path and a query is answered with a reason, never with a crash',
    async () => {
      const segment = fc.oneof(
        fc.webSegment(),
        fc.constantFrom('..', '.', '', '%2f', '%00', '%ff', 'pods', 'watch', 'namespaces'),
      );
      const query = fc.webQueryParameters();
      await fc.assert(
        fc.asyncProperty(fc.array(segment, { maxLength: 7 }), query, async (segments, parameters) => {
          const { status } = await running.raw('GET', `/api/v1/${segments.join('/')}?${parameters}&timeoutSeconds=1`);
          expect(status).toBeLessThan(500);
        }),
        { numRuns: fuzzRuns },
      );
    },
    fuzzTimeoutMs,
  );
});
