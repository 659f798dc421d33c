// Field validation as clients meet it: unknown and duplicate fields in JSON, YAML and apply documents.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
});
afterAll(() => running.close());

const maps = '/api/v1/namespaces/default/configmaps';
const send = (
  method: string,
  path: string,
  type: string,
  body: string,
): Promise<{ status: number; headers: Record<string, string>; text: string }> =>
  running.raw(method, path, { body, headers: { 'content-type': type } });
const messageOf = (text: string): string => (JSON.parse(text) as { message: string }).message;

it('tells unknown and duplicate fields of a JSON body in one sentence', async () => {
  const body = '{"metadata":{"name":"a"},"data":{"k":"1","k":"2"},"dta":{}}';
  const strict = await send('POST', `${maps}?fieldValidation=Strict`, 'application/json', body);
  expect(strict.status).toBe(400);
  expect(messageOf(strict.text)).toBe('strict decoding error: unknown field "dta", duplicate field "data.k"');
  const warned = await send('POST', `${maps}?fieldValidation=Warn`, 'application/json', body);
  expect(warned.status).toBe(201);
  expect(warned.headers['warning']).toBe('299 - "unknown field \\"dta\\"", 299 - "duplicate field \\"data.k\\""');
  expect(warned.text).toContain('"k":"2"');
});

it('names the line of a key that YAML says twice', async () => {
  const body = '\nmetadata:\n  name: yaml\ndata:\n  k: "1"\n  "k": "2"\n';
  const strict = await send('POST', `${maps}?fieldValidation=Strict`, 'application/yaml', body);
  expect(strict.status).toBe(400);
  expect(messageOf(strict.text)).toBe('strict decoding error: line 6: key "k" already set in map');
  const ignored = await send('POST', `${maps}?fieldValidation=Ignore`, 'application/yaml', body);
  expect(ignored.status).toBe(201);
  expect(ignored.headers['warning']).toBeUndefined();
});

it('refuses an apply of fields that no schema declares, whatever the field validation', async () => {
  const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  unknownMeta: y\ndata: {}\n';
  const path = `${maps}/x?fieldManager=m&fieldValidation=Ignore`;
  const { status, text } = await send('PATCH', path, 'application/apply-patch+yaml', body);
  expect(status).toBe(400);
  expect(messageOf(text)).toBe(
    'failed to create typed patch object (/x; v1, Kind=ConfigMap): .metadata.unknownMeta: field not declared in schema',
  );
});

it('tells duplicates of an apply document by their line', async () => {
  const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  foo: a\n  foo: b\n';
  const path = `${maps}/x?fieldManager=m&fieldValidation=Strict`;
  const { status, text } = await send('PATCH', path, 'application/apply-patch+yaml', body);
  expect(status).toBe(400);
  expect(messageOf(text)).toContain('line 7: key "foo" already set in map');
});
