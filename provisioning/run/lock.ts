// One run at a time changes a machine. The lock is an flock held by a process at the other end of an SSH channel: it
// falls when the channel is closed, or, when the network was cut silently, once no heartbeat came for `ttlSeconds`.
import { hostname, userInfo } from 'node:os';
import { PassThrough } from 'node:stream';
import type { Clock } from '../../machinery/clock.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import type { Transport } from '../transport/contract.ts';
import { quote } from '../transport/shell.ts';

const ttlSeconds = 40;
const heartbeatMs = 5_000;
/** On the machine's /run; deprovisioning removes it. */
export const lockPath = '/run/pilothouse.lock';

/** Takes the machine's lock or throws ProvisioningError `Locked` naming the holder; `release` gives it back. */
export async function lockMachine(
  transport: Transport,
  clock: Clock,
  signal: AbortSignal,
  retryMs: number = (ttlSeconds + 5) * 1000,
): Promise<{ release(): void }> {
  const deadline = clock.now() + retryMs;
  const me = `${userInfo().username}@${hostname()}`;
  for (;;) {
    const attempt = await tryLock(transport, clock, me);
    if ('release' in attempt) return attempt;
    // The holder may be our own former run whose connection is not yet known to be gone.
    const mine = attempt.holder === me;
    if (!mine || clock.now() >= deadline) {
      const values = { machine: transport.machine, holder: attempt.holder, since: attempt.since };
      throw new ProvisioningError(
        'Locked',
        text('error.locked', values),
        text('error.locked.remedy', { ttl: ttlSeconds }),
      );
    }
    await clock.sleep(1_000, signal);
  }
}

async function tryLock(
  transport: Transport,
  clock: Clock,
  me: string,
): Promise<{ release(): void } | { holder: string; since: string }> {
  const note = quote(`${me} ${new Date(clock.now()).toISOString()}`);
  const hold = `echo ${note} > ${lockPath}; echo held; while read -r -t ${ttlSeconds} beat && [ "$beat" = beat ]; do :; done`;
  const script = `flock -n -o -E 75 ${lockPath} bash -c ${quote(hold)} || { cat ${lockPath}; exit 75; }`;
  const stdin = new PassThrough();
  let beat: (() => void) | undefined;
  const beatLoop = (): void => {
    stdin.write('beat\n');
    beat = clock.setTimeout(beatLoop, heartbeatMs);
  };
  const release = (): void => {
    beat?.();
    if (!stdin.writableEnded) stdin.end('end\n');
  };
  return new Promise((resolve, reject) => {
    let settled = false;
    const onOutput = (output: string): void => {
      if (settled || !output.includes('held')) return;
      settled = true;
      resolve({ release });
    };
    beatLoop();
    transport.exec(script, { stdin, onOutput }).then(
      ({ code, stdout }) => {
        release();
        if (settled) return;
        const [holder = 'another run', since = '?'] = stdout.trim().split(' ');
        if (code === 75) resolve({ holder, since });
        else reject(new Error(`taking the lock ended with ${String(code)}`));
      },
      (error: unknown) => {
        release();
        if (!settled) reject(error as Error);
      },
    );
  });
}
