import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { createFakeClock } from '../../../machinery/clock.ts';
import { exitStatus } from './channels.ts';
import { websocketChannels } from './websocket-channels.ts';
import type { ExecProtocol } from './websocket-channels.ts';

/** A connection that keeps what was sent. */
function connect(protocol: ExecProtocol) {
  const sent: (string | Buffer)[] = [];
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    send: (message: string | Buffer, _options: object, done: () => void) => (sent.push(message), done()),
    close: () => undefined,
    ping: () => undefined,
    pause: () => undefined,
  });
  return { sent, socket, channels: websocketChannels(socket as unknown as WebSocket, protocol, createFakeClock()) };
}
const text = (messages: (string | Buffer)[]): string[] => messages.map(String);

describe('exec channels over a WebSocket', () => {
  it.each<[ExecProtocol, string, string[]]>([
    ['v5.channel.k8s.io', '\u0001hi', ['\u0003{"metadata":{},"status":"Success"}']],
    ['v4.base64.channel.k8s.io', '1aGk=', ['3eyJtZXRhZGF0YSI6e30sInN0YXR1cyI6IlN1Y2Nlc3MifQ==']],
    ['channel.k8s.io', '\u0001hi', []],
    ['base64.channel.k8s.io', '1aGk=', []],
    ['', '\u0001hi', []],
  ])('in protocol "%s" carry output, and the end of a command that went well', async (protocol, output, end) => {
    const { sent, channels } = connect(protocol);
    channels.stdout.end('hi');
    await once(channels.stdout, 'finish');
    await channels.finish(exitStatus(0));
    expect(text(sent)).toEqual([output, ...end]);
  });

  it('tell a failure in words before v4', async () => {
    const { sent, channels } = connect('channel.k8s.io');
    await channels.finish(exitStatus(3));
    expect(text(sent)).toEqual(['\u0003command terminated with non-zero exit code: exit status 3']);
  });

  it.each<[ExecProtocol, Buffer, boolean]>([
    ['v5.channel.k8s.io', Buffer.from('\u0000in'), true],
    ['base64.channel.k8s.io', Buffer.from('0aW4='), false],
  ])('in protocol "%s" carry input', (protocol, message, isBinary) => {
    const { socket, channels } = connect(protocol);
    socket.emit('message', message, isBinary);
    expect(String(channels.stdin.read())).toBe('in');
  });
});
