import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { dialHere, dialInNamespace } from './namespace-dial.ts';

const mayEnter = spawnSync('nsenter', ['--target', String(process.pid), '--net', '--', 'true']).status === 0;
const ways = [
  { way: 'the machine itself', dial: dialHere },
  ...(mayEnter ? [{ way: 'a namespace', dial: (port: number) => dialInNamespace(process.pid, port) }] : []),
];

describe.each(ways)('a connection to a port of $way', ({ dial }) => {
  let server: Server;
  const listen = (serve: Parameters<typeof createServer>[1]): Promise<number> =>
    new Promise((resolve) => {
      server = createServer({ allowHalfOpen: true }, serve);
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('ends when the server has said all it says, also while nobody has ended the other side', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.end('ahoy')));
    const stream = await dial(port);
    stream.write('hello');
    expect(await text(stream)).toBe('ahoy');
    stream.on('error', () => undefined).destroy(); // a stream that is given up says so
  });

  it('says the end of what is sent to the server, and still takes its answer', async () => {
    const port = await listen((socket) => void text(socket).then((said) => socket.end(said.toUpperCase())));
    const stream = await dial(port);
    stream.end('hello');
    expect(await text(stream)).toBe('HELLO');
    stream.on('error', () => undefined).destroy(); // a stream that is given up says so
  });
});
