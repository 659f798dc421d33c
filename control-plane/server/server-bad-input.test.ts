// Bad input by table: each is answered with its reason and code, stores nothing, and costs the others nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMaps } from '../../api/kinds/core/index.ts';
import { statusReasons, type StatusReason } from '../../api/meta/status.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
});
afterAll(() => running.close());

const maps = '/api/v1/namespaces/default/configmaps';
const json = 'application/json';
const yaml = 'application/yaml';
const named = (name: string): string => JSON.stringify({ metadata: { name } });
const manyKeys = (count: number): string =>
  `data:\n${Array.from({ length: count }, (_, index) => `  k${index}: v`).join('\n')}\n`;
const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...[...'bcdefghi'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
].join('\n');

async function post(path: string, body: string | Uint8Array, type: string): Promise<{ reason: string; code: number }> {
  const { status, text } = await running.raw('POST', path, { body, headers: { 'content-type': type } });
  const { reason, code } = JSON.parse(text) as { reason: string; code: number };
  expect(code).toBe(status);
  return { reason, code };
}

describe('a body', () => {
  it.each<[string, string | Uint8Array, string, StatusReason]>([
    ['that is empty', '', json, 'BadRequest'],
    ['that is cut short', '{"metadata":{"name":"a"', json, 'BadRequest'],
    ['of JSON that nests too deep', `{"data":${'['.repeat(100_000)}`, json, 'BadRequest'],
    ['of YAML that nests too deep', `a: ${'['.repeat(3000)}${']'.repeat(3000)}`, yaml, 'BadRequest'],
    ['of YAML that is a bomb', bomb, yaml, 'BadRequest'],
    ['of YAML that is too long', manyKeys(60_000), yaml, 'RequestEntityTooLarge'],
    ['that is too long', `{"data":{"k":"${'x'.repeat(3 * 1024 * 1024)}"}}`, json, 'RequestEntityTooLarge'],
    ['that is no UTF-8', Uint8Array.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), json, 'BadRequest'],
    ['of another kind', '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a"}}', json, 'BadRequest'],
    ['of another type', '[1]', json, 'BadRequest'],
    ['of a media type that nobody knows', '<a/>', 'application/xml', 'UnsupportedMediaType'],
    ['of CBOR', Uint8Array.of(0xd9, 0xd9, 0xf7, 0xa0), 'application/cbor', 'UnsupportedMediaType'],
    [
      'of broken protobuf',
      Buffer.from('k8s\0\x0a\xff\xff\xff\xff\x0f', 'latin1'),
      'application/vnd.kubernetes.protobuf',
      'BadRequest',
    ],
    ['with a number past 2^53', '{"metadata":{"name":"a","generation":9007199254740993}}', json, 'BadRequest'],
    ['with a number that is none', '{"metadata":{"name":"a","generation":1e999}}', json, 'BadRequest'],
    ['with a name of 254 characters', named('a'.repeat(254)), json, 'Invalid'],
    ['with a name that climbs', named('../secrets/x'), json, 'Invalid'],
    ['with a name that is no text', '{"metadata":{"name":{"a":1}}}', json, 'BadRequest'],
  ])('%s', async (_title, body, type, reason) => {
    expect(await post(maps, body, type)).toEqual({ reason, code: statusReasons[reason] });
  });

  it.each([
    ['duplicate keys', '{"metadata":{"name":"a"},"data":{"k":"1","k":"2"}}', json],
    ['duplicate keys of YAML', 'metadata: {name: a}\ndata:\n  k: "1"\n  k: "2"\n', yaml],
    ['unknown fields', '{"metadata":{"name":"a"},"date":{}}', json],
  ])('with %s, where it is read strictly', async (_title, body, type) => {
    expect(await post(`${maps}?fieldValidation=Strict`, body, type)).toEqual({ reason: 'BadRequest', code: 400 });
  });

  it('of fifteen thousand keys is looked through once, not once for each', async () => {
    const body = `metadata: {name: many}\n${manyKeys(15_000)}`;
    const { status } = await running.raw('POST', `${maps}?dryRun=All&fieldValidation=Strict`, {
      body,
      headers: { 'content-type': yaml },
    });
    expect(status).toBe(201);
  }, 30_000);

  it('with the bounds of 64-bit integers as limits of a schema is taken: they are no counts', async () => {
    const limits = '{"minimum":-9223372036854775808,"maximum":9223372036854775807,"type":"number"}';
    const body = `{"metadata":{"name":"ws.bad.example.com"},"spec":{"group":"bad.example.com","scope":"Namespaced","names":{"plural":"ws","kind":"W"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"n":${limits}}}}}]}}`;
    const { status } = await running.raw('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body });
    expect(status).toBe(201);
  });
});

describe('a path or query', () => {
  it.each<[string, StatusReason]>([
    ['/api/v1/namespaces/default/pods/../secrets', 'BadRequest'],
    ['/api/v1/namespaces/default/pods/%2e%2e', 'BadRequest'],
    ['/api/v1/namespaces/default/pods/a%2fb', 'BadRequest'],
    ['/api/v1/namespaces/default/pods/a%00b', 'BadRequest'],
    ['/api/v1/namespaces//pods', 'BadRequest'],
    ['/api/v1//pods', 'BadRequest'],
    ['/api/v1/namespaces/default/pods/%c3%28', 'BadRequest'],
    [`/api/v1/namespaces/default/pods/${'a'.repeat(254)}`, 'BadRequest'],
    ['/api/v1/pods?labelSelector=a+in+%28', 'BadRequest'],
    [`/api/v1/pods?labelSelector=${'%28'.repeat(5000)}`, 'BadRequest'],
    [`/api/v1/pods?labelSelector=${'a'.repeat(400)}%3Db`, 'BadRequest'],
    ['/api/v1/pods?fieldSelector=spec.containers%5B0%5D%3Da', 'BadRequest'],
    ['/api/v1/pods?limit=9007199254740993', 'BadRequest'],
    ['/api/v1/pods?limit=-1', 'BadRequest'],
    ['/api/v1/pods?continue=nonsense', 'BadRequest'],
    ['/api/v1/pods?resourceVersion=x', 'BadRequest'],
    ['/api/v1/pods?resourceVersion=1&resourceVersionMatch=Maybe', 'Invalid'],
    ['/api/v1/pods?watch=1&resourceVersion=99999999999999999999', 'BadRequest'],
  ])('%s', async (path, reason) => {
    const { status, text } = await running.raw('GET', path);
    expect(JSON.parse(text)).toMatchObject({ kind: 'Status', reason, code: statusReasons[reason] });
    expect(status).toBe(statusReasons[reason]);
  });

  it('of six thousand selected values is answered', async () => {
    const values = Array.from({ length: 6000 }, (_, index) => `v${index}`).join();
    const { status } = await running.raw('GET', `/api/v1/pods?labelSelector=${encodeURIComponent(`a in (${values})`)}`);
    expect(status).toBe(200);
  });

  it('beyond every measure is refused before it is read', async () => {
    expect((await running.raw('GET', `/api/v1/pods?labelSelector=${'a'.repeat(300_000)}`)).status).toBe(431);
  });
});

describe('patterns and expressions of strangers', () => {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const define = (plural: string, field: object): ReturnType<RunningServer['raw']> =>
    running.raw('POST', definitions, {
      body: {
        metadata: { name: `${plural}.bad.example.com` },
        spec: {
          group: 'bad.example.com',
          scope: 'Namespaced',
          names: { plural, kind: plural.toUpperCase() },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: 'object', properties: { text: field } } },
            },
          ],
        },
      },
    });

  it('that would backtrack for ever match in linear time', async () => {
    expect((await define('xs', { type: 'string', pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' })).status).toBe(201);
    const path = '/apis/bad.example.com/v1/namespaces/default/xs';
    await expect.poll(async () => (await running.raw('GET', path)).status).toBe(200);
    const body = { metadata: { name: 'x' }, text: 'a'.repeat(20_000) };
    expect((await running.raw('POST', path, { body })).status).toBe(422);
  });

  it.each([
    ['look behind themselves', { type: 'string', pattern: '(?<=a)b' }],
    ['refer back', { type: 'string', pattern: '(a)\\1' }],
    ['repeat without measure', { type: 'string', pattern: '((a{1,1000}){1,1000}){1,1000}' }],
    [
      'cost too much',
      {
        type: 'array',
        items: { type: 'string' },
        'x-kubernetes-validations': [{ rule: 'self.all(a, self.all(b, a.contains(b)))' }],
      },
    ],
    [
      'nest without end',
      { type: 'string', 'x-kubernetes-validations': [{ rule: `${'('.repeat(9000)}true${')'.repeat(9000)}` }] },
    ],
    [
      'are longer than anybody reads',
      { type: 'string', 'x-kubernetes-validations': [{ rule: `'${'x'.repeat(200_000)}' != ''` }] },
    ],
  ])('that %s are refused', async (_title, field) => {
    expect((await define('ys', field)).status).toBe(422);
  });
});

it('nothing of all this was stored', async () => {
  expect((await running.client.resource(configMaps, 'default').list()).items).toEqual([]);
});
