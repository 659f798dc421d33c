// Exec, attach and logs over the Engine's connections, as plain streams. `hijack` is always on for the interactive
// ones, or the tail of the output would be lost.
import { PassThrough } from 'node:stream';
import type { Duplex, Readable } from 'node:stream';
import type { Clock } from '../../../machinery/clock.ts';
import type { ExecOptions, LogOptions, Session } from '../container-runtime.ts';
import type { Engine } from './engine.ts';
import { ask } from './engine.ts';
import { copyRaw, demultiplex } from './frames.ts';

const exitLookMs = 20;
const exitLooks = 250;

export async function openExec(engine: Engine, clock: Clock, id: string, options: ExecOptions): Promise<Session> {
  const exec = await ask((abortSignal) =>
    engine.getContainer(id).exec({
      Cmd: [...options.command],
      AttachStdin: options.stdin,
      AttachStdout: options.stdout,
      AttachStderr: options.stderr,
      Tty: options.tty,
      abortSignal,
    }),
  );
  const connection = await ask(() => exec.start({ hijack: true, stdin: options.stdin, Tty: options.tty }));
  const streams = split(connection, options.tty);
  const exitCode = async (): Promise<number> => {
    await streams.ended;
    // The streams may end a moment before the Engine notes the exit.
    for (let look = 0; look < exitLooks; look++) {
      const { Running: running, ExitCode: code } = await ask((abortSignal) => exec.inspect({ abortSignal }));
      if (!running && code !== null) return code;
      await clock.sleep(exitLookMs);
    }
    throw new Error('the command closed its output but did not end');
  };
  return {
    ...streams,
    exitCode: observed(exitCode()),
    resize: async (columns, rows) => void (await ask(() => exec.resize({ w: columns, h: rows }))),
    close: () => void connection.destroy(),
  };
}

export async function openAttachment(
  engine: Engine,
  id: string,
  options: Omit<ExecOptions, 'command'>,
): Promise<Session> {
  const container = engine.getContainer(id);
  const { stdin, stdout, stderr } = options;
  const connection = (await ask(() =>
    container.attach({ stream: true, hijack: true, stdin, stdout, stderr }),
  )) as Duplex;
  const streams = split(connection, options.tty);
  return {
    ...streams,
    exitCode: observed(streams.ended.then(() => 0)),
    resize: async (columns, rows) => void (await ask(() => container.resize({ w: columns, h: rows }))),
    close: () => void connection.destroy(),
  };
}

export async function openLogs(engine: Engine, id: string, options: LogOptions): Promise<Readable> {
  const { Config: config } = await ask((abortSignal) => engine.getContainer(id).inspect({ abortSignal }));
  const stream = await requestLogs(engine, id, options);
  const output = new PassThrough();
  const copying = config.Tty ? copyRaw(stream, output) : demultiplex(stream, output, output);
  copying.then(
    () => output.end(),
    (error: Error) => output.destroy(error),
  );
  output.once('close', () => stream.destroy());
  return output;
}

/** dockerode's own `logs` collects the whole text unless it follows; this always streams. */
function requestLogs(engine: Engine, id: string, options: LogOptions): Promise<Readable> {
  const request = {
    path: `/containers/${id}/logs?`,
    method: 'GET',
    isStream: true,
    statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    options: {
      stdout: options.stdout ?? true,
      stderr: options.stderr ?? true,
      timestamps: options.timestamps,
      follow: options.follow,
      ...(options.tailLines !== undefined && { tail: options.tailLines }),
      ...(options.sinceMs !== undefined && { since: options.sinceMs / 1000 }),
    },
  };
  return ask(
    (abortSignal) =>
      new Promise<Readable>((resolve, reject) => {
        engine.modem.dial({ ...request, abortSignal }, (error: Error | null, stream: unknown) =>
          error ? reject(error) : resolve(stream as Readable),
        );
      }),
  );
}

function split(
  connection: Duplex,
  tty: boolean,
): Pick<Session, 'stdin' | 'stdout' | 'stderr'> & { readonly ended: Promise<void> } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  connection.on('error', () => undefined); // the copying sees it as well; one that comes later is for nobody
  const copying = tty ? copyRaw(connection, stdout) : demultiplex(connection, stdout, stderr);
  // A broken connection ends the output as a finished command does; the exit code tells them apart.
  const ended = copying
    .catch(() => undefined)
    .then(() => {
      stdout.end();
      stderr.end();
    });
  return { stdin: connection, stdout, stderr, ended };
}

/** Nobody may be waiting for it: a rejection must not end the agent. */
function observed<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
