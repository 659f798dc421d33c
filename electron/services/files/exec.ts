// Runs one command in a container and waits for it: what it wrote, and how it ended. Over the exec subresource's
// channels (`v5.channel.k8s.io`, v4 where the server is older), without a terminal.
import type { RestClient } from '../../../machinery/rest-client.ts';
import { ServiceError } from '../errors.ts';
import { exitOf } from '../terminals/terminals.ts';

export interface ContainerAddress {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

export interface ExecAnswer {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly exitCode: number;
}

const stdin = 0;
const stdout = 1;
const stderr = 2;
const errorChannel = 3;
const chunkBytes = 32 * 1024;

/** Runs it; more output than `mostBytes` is an error, as is a container that cannot run it. */
export async function execInContainer(
  client: RestClient,
  { namespace, name, container }: ContainerAddress,
  command: readonly string[],
  { input, mostBytes, signal }: { input?: Uint8Array; mostBytes: number; signal: AbortSignal },
): Promise<ExecAnswer> {
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
  if (input !== undefined) query.set('stdin', 'true');
  for (const word of command) query.append('command', word);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/exec?${query.toString()}`;
  const socket = await client.upgrade(path, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], { signal });
  const close = (): void => socket.close();
  signal.addEventListener('abort', close, { once: true });
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  let size = 0;
  let exit: ReturnType<typeof exitOf> = {};
  try {
    for (let at = 0; input !== undefined && at < input.length; at += chunkBytes) {
      await socket.send(Buffer.concat([Buffer.of(stdin), input.subarray(at, at + chunkBytes)]));
    }
    for await (const message of socket.messages) {
      const body = message.subarray(1);
      if (message[0] === errorChannel) {
        exit = exitOf(JSON.parse(new TextDecoder().decode(body)));
        break; // the status is the last word
      }
      size += body.length;
      if (size > mostBytes) throw new ServiceError('BadRequest', `It is larger than ${mostBytes} bytes.`);
      if (message[0] === stdout) out.push(body);
      else if (message[0] === stderr) err.push(body);
    }
  } finally {
    signal.removeEventListener('abort', close);
    socket.close();
  }
  return { stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString(), exitCode: exit.exitCode ?? 1 };
}
