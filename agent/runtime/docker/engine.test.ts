import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RuntimeUnavailable } from '../container-runtime.ts';
import { ask, askUnless, connectEngine } from './engine.ts';

const shortMs = 50;

describe('a call to an Engine that accepts and never answers', () => {
  let folder: string;
  let server: Server;
  const connections: Socket[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-engine-'));
    server = createServer((connection) => void connections.push(connection)).listen(join(folder, 'socket'));
    await once(server, 'listening');
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  const engine = () => connectEngine(join(folder, 'socket'));

  it('ends with the words for the node\u2019s condition', async () => {
    const call = ask((abortSignal) => engine().getContainer('a').inspect({ abortSignal }), shortMs);
    await expect(call).rejects.toThrow(RuntimeUnavailable);
    await expect(askUnless([404], () => engine().ping(), shortMs)).rejects.toThrow(/did not answer within 0.05 s/);
  });

  it('lets go of its connection', async () => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const call = ask((abortSignal) => engine().getContainer('a').start({ abortSignal }), shortMs);
    call.catch(() => undefined);
    const [connection] = await accepted;
    connection.resume();
    await once(connection, 'close');
    await expect(call).rejects.toThrow(RuntimeUnavailable);
  });
});

describe('a call that answers in time', () => {
  it('keeps its answer', async () => {
    await expect(ask(() => Promise.resolve(7), shortMs)).resolves.toBe(7);
  });

  it('gives its own refusal, or nothing where the goal is reached', async () => {
    const refuse = () =>
      Promise.reject(Object.assign(new Error('no'), { statusCode: 409, json: { message: 'taken' } }));
    await expect(ask(refuse, shortMs)).rejects.toMatchObject({ name: 'RuntimeRefusal', message: 'taken' });
    await expect(askUnless([409], refuse, shortMs)).resolves.toBeUndefined();
  });
});
