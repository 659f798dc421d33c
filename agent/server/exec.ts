// /exec and /attach: a command in a running container, or its own streams, over whatever the client speaks. The command's
// exit code goes out in the closing Status.
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Session } from '../runtime/container-runtime.ts';
import { findRunning } from './find-container.ts';
import { HttpError } from './http-error.ts';
import type { AgentServerOptions } from './agent-server.ts';
import type { Upgrading } from './routes.ts';
import { acceptChannels } from './streams/accept.ts';
import { exitStatus, failureStatus } from './streams/channels.ts';
import type { ExecChannels } from './streams/channels.ts';

export interface StreamChoice {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Which streams a client asks for: the API's names (stdin) and the node's (input) both count. Throws HttpError 400. */
export function parseStreams(query: URLSearchParams): StreamChoice {
  const isTrue = (...names: string[]): boolean => names.some((name) => ['1', 'true'].includes(query.get(name) ?? ''));
  const tty = isTrue('tty');
  const choice = {
    stdin: isTrue('input', 'stdin'),
    stdout: isTrue('output', 'stdout'),
    stderr: isTrue('error', 'stderr') && !tty,
    tty,
  };
  if (!choice.stdin && !choice.stdout && !choice.stderr) {
    throw new HttpError(400, 'you must specify at least 1 of stdin, stdout, stderr');
  }
  return choice;
}

export async function serveExec(context: AgentServerOptions, upgrading: Upgrading): Promise<void> {
  const [namespace = '', pod = '', container = ''] = upgrading.names;
  const streams = parseStreams(upgrading.url.searchParams);
  const command = upgrading.url.searchParams.getAll('command');
  if (command.length === 0) throw new HttpError(400, 'you must specify a command');
  const observed = findRunning(context.kubelet, namespace, pod, container);
  const channels = await acceptChannels(upgrading, streams, context.clock);
  await converse(channels, streams, () => context.runtime.exec(observed.id, { command, ...streams }));
}

export async function serveAttach(context: AgentServerOptions, upgrading: Upgrading): Promise<void> {
  const [namespace = '', pod = '', container = ''] = upgrading.names;
  const asked = parseStreams(upgrading.url.searchParams);
  const observed = findRunning(context.kubelet, namespace, pod, container);
  const spec = context.kubelet.manager.find(namespace, pod)?.pod.spec;
  const tty =
    [...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])].find(({ name }) => name === container)?.tty ??
    false;
  const channels = await acceptChannels(upgrading, asked, context.clock);
  await converse(channels, asked, () => context.runtime.attach(observed.id, { ...asked, tty }));
}

async function converse(channels: ExecChannels, streams: StreamChoice, open: () => Promise<Session>): Promise<void> {
  let session: Session;
  try {
    session = await open();
  } catch (error) {
    await channels.finish(failureStatus(error instanceof Error ? error.message : String(error)));
    return;
  }
  channels.onClose(() => session.close());
  channels.onResize(({ columns, rows }) => void session.resize(columns, rows).catch(() => undefined)); // it may have just ended
  if (streams.stdin) carry(channels.stdin, session.stdin);
  const outputs = [
    ...(streams.stdout ? [copy(session.stdout, channels.stdout)] : []),
    ...(streams.stderr ? [copy(session.stderr, channels.stderr)] : []),
  ];
  if (!streams.stdout) session.stdout.resume();
  if (!streams.stderr) session.stderr.resume();
  try {
    const code = await session.exitCode;
    await Promise.all(outputs);
    await channels.finish(exitStatus(code));
  } catch (error) {
    await channels.finish(failureStatus(error instanceof Error ? error.message : String(error)));
  }
}

/** Input ends the command's input when it ends; a command that no longer reads is no error. */
function carry(input: Readable, stdin: Writable): void {
  stdin.on('error', () => input.unpipe(stdin));
  input.pipe(stdin);
}

async function copy(source: Readable, target: Writable): Promise<void> {
  source.pipe(target);
  await finished(target, { readable: false }).catch(() => undefined); // the client has gone: what is left is for nobody
}
