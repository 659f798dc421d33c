// Shells in containers, over the API's exec with `v5.channel.k8s.io` (v4 where the server is older).
// Guarantees: one session per subscription, ended with it; input for a session that ended is refused.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CommandsOf } from '../commands/table.ts';
import { clusterId, named, objectName } from '../commands/table.ts';
import { ServiceError, toConsoleError } from '../errors.ts';
import type { StreamTable } from '../streams/table.ts';

// Channels of https://kubernetes.io/docs/reference/command-line-tools-reference (remotecommand subprotocol).
const stdin = 0;
const stdout = 1;
const stderr = 2;
const errorChannel = 3;
const resizeChannel = 4;
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

interface Session {
  send(channel: number, payload: Uint8Array): Promise<void>;
}

const sessions = new Map<string, Session>();
const encoder = new TextEncoder();

function sessionOf(id: string): Session {
  const session = sessions.get(id);
  if (session === undefined) throw new ServiceError('NotFound', 'This terminal has ended.');
  return session;
}

/** The exit code that the error channel's Status tells; 0 for success. */
export function exitOf(status: unknown): { exitCode?: number; message?: string } {
  const parsed = z
    .object({
      status: z.string(),
      message: z.string().optional(),
      details: z
        .object({
          causes: z.array(z.object({ reason: z.string().optional(), message: z.string().optional() })).optional(),
        })
        .optional(),
    })
    .safeParse(status);
  if (!parsed.success) return {};
  if (parsed.data.status === 'Success') return { exitCode: 0 };
  const code = parsed.data.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  return { exitCode: code === undefined ? undefined : Number(code), message: parsed.data.message };
}

const size = z.number().int().min(1).max(1000);
const longestInput = 65_536;
const bySession = z.strictObject({ clusterId, sessionId: z.uuid() });

export const terminalCommands: CommandsOf<'terminal'> = {
  'terminal.input': {
    payload: bySession.extend({ text: z.string().max(longestInput) }),
    async run({ sessionId, text }) {
      await sessionOf(sessionId).send(stdin, encoder.encode(text));
      return {};
    },
  },
  'terminal.resize': {
    payload: bySession.extend({ columns: size, rows: size }),
    async run({ sessionId, columns, rows }) {
      await sessionOf(sessionId).send(resizeChannel, encoder.encode(JSON.stringify({ Width: columns, Height: rows })));
      return {};
    },
  },
};

export const terminalStreams: Pick<StreamTable, 'terminal'> = {
  terminal: {
    payload: named.extend({
      container: objectName,
      command: z.array(z.string().max(4096)).min(1).max(50),
      columns: size,
      rows: size,
    }),
    open({ clusterId: id, namespace, name, container, command, columns, rows }, emit, { clusters }) {
      const ending = new AbortController();
      const { client, signal: closed } = clusters.get(id).session;
      const signal = AbortSignal.any([ending.signal, closed]);
      const query = new URLSearchParams({ container, stdin: 'true', stdout: 'true', stderr: 'true', tty: 'true' });
      for (const word of command) query.append('command', word);
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/exec?${query.toString()}`;

      const follow = async (): Promise<void> => {
        const socket = await client.upgrade(path, protocols, { signal });
        signal.addEventListener('abort', () => socket.close(), { once: true });
        const sessionId = randomUUID();
        sessions.set(sessionId, {
          send(channel, payload) {
            const message = new Uint8Array(payload.length + 1);
            message[0] = channel;
            message.set(payload, 1);
            return socket.send(message);
          },
        });
        try {
          emit({ type: 'data', data: { kind: 'opened', sessionId } });
          await sessionOf(sessionId).send(
            resizeChannel,
            encoder.encode(JSON.stringify({ Width: columns, Height: rows })),
          );
          const decoders = { [stdout]: new TextDecoder(), [stderr]: new TextDecoder() };
          for await (const message of socket.messages) {
            const channel = message[0] ?? stdout;
            const body = message.subarray(1);
            if (channel === stdout || channel === stderr) {
              const text = decoders[channel]?.decode(body, { stream: true }) ?? '';
              if (text !== '') emit({ type: 'data', data: { kind: 'output', text } });
            } else if (channel === errorChannel) {
              const status: unknown = JSON.parse(new TextDecoder().decode(body));
              emit({ type: 'data', data: { kind: 'exited', ...exitOf(status) } });
            }
          }
          emit({ type: 'ended' });
        } finally {
          sessions.delete(sessionId);
        }
      };
      follow().catch((error: unknown) => {
        if (!signal.aborted) emit({ type: 'ended', error: toConsoleError(error) });
      });
      return () => ending.abort();
    },
  },
};
