// SSH to one machine (node-ssh). Host keys are strict: pinned at first contact, a changed one stops. Commands run as root,
// through sudo where the login user is not root; a sudo password goes over stdin and never into a command line.
// A lost connection rejects what was running with reason ConnectionLost; reconnecting is the caller's decision.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type Duplex, PassThrough, Readable } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import pLimit from 'p-limit';
import { systemClock } from '../../machinery/clock.ts';
import type { MachineSpec } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { expandHome } from '../paths.ts';
import type { Recorder } from '../audit/recorder.ts';
import type { ExecOptions, ExecResult, Transport } from './contract.ts';
import type { KnownHosts } from './known-hosts.ts';
import { connectGathering } from './gathering-socket.ts';
import { encryptLeanly } from './lean-cipher.ts';
import { connectionError } from './ssh-errors.ts';
import { quote, transportFrom } from './shell.ts';

/** sshd's MaxSessions is 10 by default, and it counts a session until its process is reaped. */
const sessionsAtOnce = 6;

export interface SshOptions {
  readonly knownHosts: KnownHosts;
  /** Told of every command when it has ended. */
  readonly record?: Recorder;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Commands belong to a run that holds the machine's lock; the next run can tell them and wait for them. */
  readonly isRun?: boolean;
  /** Told about the host key before any secret is sent. */
  readonly onHostKey?: (fingerprint: string, isNew: boolean) => void;
}

/** An open SSH connection; the way to root is tried on first use, or by `becomeRoot`. */
export interface SshTransport extends Transport {
  /** Finds out how to become root; throws ProvisioningError when it cannot. */
  becomeRoot(): Promise<'root' | 'sudo' | 'sudo with password'>;
  /** Waits for what runs cut before have left running here, and ends it when that takes too long. */
  settleFormerRuns(signal?: AbortSignal): Promise<void>;
  /** A stream to a port that this machine, not the console's computer, reaches: by forwarding, or by its own bash. */
  dial(host: string, port: number): Promise<Duplex>;
  /** Resolves once the connection is gone. */
  readonly closed: Promise<void>;
}

/** Connects, through jump hosts where there are some, and logs in. Throws ProvisioningError: Unreachable, Authentication, HostKeyChanged, KeyUnreadable. */
export async function connectSsh(spec: MachineSpec, options: SshOptions): Promise<SshTransport> {
  options.signal?.throwIfAborted();
  const hops: NodeSSH[] = [];
  const leave = (): void => {
    for (const hop of hops.reverse()) hop.dispose();
  };
  try {
    for (const jump of spec.jump ?? []) {
      const { address, port, user } = jump;
      const via: MachineSpec = { ...spec, address, port, user, credentials: jump.credentials ?? spec.credentials };
      hops.push(await logIn(via, { ...options, onHostKey: undefined }, await forward(hops.at(-1), via)));
    }
    const ssh = await logIn(spec, options, await forward(hops.at(-1), spec));
    ssh.connection?.once('close', leave);
    return createTransport(spec, ssh, options);
  } catch (error) {
    leave();
    throw error;
  }
}

/** A stream to `target` that the last jump host opens; undefined when there is none. */
async function forward(hop: NodeSSH | undefined, target: MachineSpec): Promise<Duplex | undefined> {
  if (hop === undefined) return undefined;
  try {
    return await hop.forwardOut('127.0.0.1', 0, target.address, target.port);
  } catch (cause) {
    throw connectionError(target, cause);
  }
}

async function logIn(spec: MachineSpec, options: SshOptions, through: Duplex | undefined): Promise<NodeSSH> {
  const ssh = new NodeSSH();
  const { credentials, address, port } = spec;
  const check = createHostKeyCheck(spec, options);
  const pinnedType = options.knownHosts.pinnedType(address, port);
  const privateKey = readKey(spec);
  const sock = (through as Socket | undefined) ?? connectGathering(address, port);
  try {
    await ssh.connect({
      sock,
      username: spec.user,
      readyTimeout: options.timeoutMs ?? 20_000,
      keepaliveInterval: 5_000,
      keepaliveCountMax: 6,
      hostVerifier: (key: Buffer) => check.verify(key),
      algorithms: {
        cipher: { prepend: ['aes128-gcm@openssh.com'], append: [], remove: [] },
        ...(pinnedType === undefined
          ? {}
          : { serverHostKey: { prepend: hostKeyAlgorithms(pinnedType), append: [], remove: [] } }),
      },
      ...(privateKey !== undefined ? { privateKey, passphrase: credentials.passphrase } : {}),
      ...(credentials.password !== undefined ? { password: credentials.password, tryKeyboard: true } : {}),
      ...(credentials.agent === true ? { agent: process.env['SSH_AUTH_SOCK'] } : {}),
    });
  } catch (cause) {
    ssh.dispose();
    sock.destroy();
    throw check.refusal ?? connectionError(spec, cause);
  }
  encryptLeanly(ssh.connection);
  return ssh;
}

function createHostKeyCheck(
  spec: MachineSpec,
  { knownHosts, onHostKey }: SshOptions,
): { verify(key: Buffer): boolean; refusal: ProvisioningError | undefined } {
  const check = {
    refusal: undefined as ProvisioningError | undefined,
    verify(key: Buffer): boolean {
      const { verdict, expected, actual } = knownHosts.check(spec.address, spec.port, key);
      if (verdict === 'changed') {
        const values = { machine: spec.name, address: spec.address, actual, expected: expected ?? '' };
        check.refusal = new ProvisioningError(
          'HostKeyChanged',
          text('error.hostKeyChanged', values),
          text('error.hostKeyChanged.remedy', { file: knownHosts.path }),
        );
        return false;
      }
      if (verdict === 'new') knownHosts.pin(spec.address, spec.port, key);
      onHostKey?.(actual, verdict === 'new');
      return true;
    },
  };
  return check;
}

/** An RSA key signs by three algorithms; all others by the one of their name. */
function hostKeyAlgorithms(type: string): ('ssh-ed25519' | 'rsa-sha2-512' | 'rsa-sha2-256')[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type as 'ssh-ed25519'];
}

function readKey(spec: MachineSpec): string | undefined {
  const { privateKey, keyPath } = spec.credentials;
  if (privateKey !== undefined || keyPath === undefined) return privateKey;
  try {
    return readFileSync(expandHome(keyPath), 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProvisioningError(
      'KeyUnreadable',
      text('error.keyUnreadable', { machine: spec.name, path: keyPath, reason }),
      text('error.keyUnreadable.remedy'),
      cause,
    );
  }
}

function createTransport(spec: MachineSpec, ssh: NodeSSH, { isRun = false, record }: SshOptions): SshTransport {
  const family = `${isRun ? 'run-' : ''}${randomUUID()}`;
  const limit = pLimit(sessionsAtOnce);
  const closed = new Promise<void>((resolve) => {
    ssh.connection?.once('close', resolve);
  });
  // Without a listener a connection lost while idle would end the whole process.
  ssh.connection?.on('error', () => ssh.dispose());

  const bare = (command: string, stdin: ExecOptions['stdin'], options: ExecOptions): Promise<ExecResult> =>
    limit(async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await execute(spec, ssh, command, stdin, options);
        } catch (error) {
          if (!(error instanceof NoSession)) throw error;
          if (attempt === 20) throw connectionLost(spec, error);
          await systemClock.sleep(100 * attempt, options.signal);
        }
      }
    });

  let way: Promise<'root' | 'sudo' | 'sudo with password'> | undefined;
  const becomeRoot = (): Promise<'root' | 'sudo' | 'sudo with password'> => (way ??= findWayToRoot(spec, bare));

  const asRoot = async (command: string, stdin: ExecOptions['stdin'], options: ExecOptions): Promise<ExecResult> => {
    const how = options.unprivileged === true ? 'root' : await becomeRoot();
    if (how === 'root') return bare(command, stdin, options);
    if (how === 'sudo') return bare(`sudo -n -- ${command}`, stdin, options);
    return bare(`sudo -k -S -p '' -- ${command}`, afterLine(sudoPassword(spec), stdin), options);
  };
  const exec = async (script: string, options: ExecOptions = {}): Promise<ExecResult> => {
    const { signal } = options;
    signal?.throwIfAborted();
    const mark = `PILOTHOUSE_COMMAND=${family}-${randomUUID()}`;
    const command = `env ${mark} sh -c ${quote(script)}`;
    // sshd passes no signals on for root and closing a channel ends nothing, so what runs is found by its mark.
    const cut = (): void => {
      asRoot(`sh -c ${quote(killMarked(mark))}`, undefined, { unprivileged: options.unprivileged }).catch(() =>
        ssh.dispose(),
      );
    };
    signal?.addEventListener('abort', cut, { once: true });
    const began = systemClock.now();
    let result: ExecResult | undefined;
    try {
      result = await asRoot(command, options.stdin, options);
      signal?.throwIfAborted();
      return result;
    } finally {
      signal?.removeEventListener('abort', cut);
      record?.(spec.name, script, options, result, systemClock.now() - began);
    }
  };
  const transport = transportFrom(spec.name, exec, () => ssh.dispose());
  return {
    ...transport,
    becomeRoot,
    dial: (host, port) =>
      dialFrom(ssh, host, port, (script) => record?.(spec.name, script, { unprivileged: true }, undefined, 0)),
    closed,
    async settleFormerRuns(signal) {
      await transport.run(settleOthers(family), { signal });
    },
  };
}

/** What sshd answers when its site has forbidden forwarding (RFC 4254, 5.1). */
const administrativelyProhibited = 1;

/** Both ways at once, and gone with the first that ends. */
const relay = `exec 3<>"/dev/tcp/$0/$1" 4<&0 || exit 1
cat <&3 & cat <&4 >&3 & wait -n; kill $(jobs -p) 2>/dev/null`;

async function dialFrom(ssh: NodeSSH, host: string, port: number, record: (script: string) => void): Promise<Duplex> {
  try {
    return await ssh.forwardOut('127.0.0.1', 0, host, port);
  } catch (error) {
    if ((error as { readonly reason?: number }).reason !== administrativelyProhibited) throw error;
  }
  const script = `bash -c ${quote(relay)} ${quote(host)} ${port}`;
  return new Promise((resolve, reject) => {
    ssh.connection?.exec(script, (error, channel) => {
      if (error !== undefined) return reject(error);
      record(script);
      resolve(channel);
    });
  });
}

/**
 * Waits a minute for the commands of other runs to end, then ends them. sshd's death or a silent network leaves a command
 * running that may still start a service which this run is about to configure or take away.
 */
function settleOthers(family: string): string {
  return `others() { grep -lsz '^PILOTHOUSE_COMMAND=run-' /proc/[0-9]*/environ | xargs -r grep -Lsz '^PILOTHOUSE_COMMAND=${family}-' | cut -d/ -f3; }
i=0; while p=$(others); [ -n "$p" ]; do i=$((i+1)); [ $i -le 300 ] || exit 1
if [ $i -gt 280 ]; then kill -KILL $p; elif [ $i -gt 240 ]; then kill -TERM $p; fi 2>/dev/null; sleep 0.25; done; true`;
}

/** Ends every process that carries the mark in its environment, first politely. */
function killMarked(mark: string): string {
  const find = `grep -lsz '^${mark}$' /proc/[0-9]*/environ | cut -d/ -f3`;
  return `for s in TERM TERM KILL; do p=$(${find}); [ -n "$p" ] || break; kill -$s $p 2>/dev/null; sleep 0.3; done; true`;
}

type Bare = (command: string, stdin: ExecOptions['stdin'], options: ExecOptions) => Promise<ExecResult>;

async function findWayToRoot(spec: MachineSpec, bare: Bare): Promise<'root' | 'sudo' | 'sudo with password'> {
  if ((await bare('id -u', undefined, {})).stdout.trim() === '0') return 'root';
  const free = await bare('sudo -k -n true', undefined, {});
  if (free.code === 0) return 'sudo';
  const password = sudoPassword(spec);
  let reason = free.stderr.trim();
  if (password !== undefined) {
    const asked = await bare("sudo -k -S -p '' true", `${password}\n`, {});
    if (asked.code === 0) return 'sudo with password';
    reason = asked.stderr.trim();
  }
  const values = { machine: spec.name, user: spec.user, reason: reason.split('\n').at(-1) || 'sudo is missing' };
  throw new ProvisioningError('Sudo', text('error.sudo', values), text('error.sudo.remedy'));
}

function sudoPassword(spec: MachineSpec): string | undefined {
  return spec.credentials.sudoPassword ?? spec.credentials.password;
}

function afterLine(line: string | undefined, stdin: ExecOptions['stdin']): ExecOptions['stdin'] {
  const first = `${line ?? ''}\n`;
  if (stdin === undefined || typeof stdin === 'string') return first + (stdin ?? '');
  if (stdin instanceof Uint8Array) return Buffer.concat([Buffer.from(first), stdin]);
  const joined = new PassThrough();
  joined.write(first);
  stdin.on('error', (error) => joined.destroy(error)).pipe(joined);
  return joined;
}

async function execute(
  spec: MachineSpec,
  ssh: NodeSSH,
  command: string,
  stdin: ExecOptions['stdin'],
  options: ExecOptions,
): Promise<ExecResult> {
  const onOutput = (chunk: Buffer): void => options.onOutput?.(chunk.toString('utf8'));
  try {
    const result = await ssh.execCommand(command, {
      noTrim: true,
      // One character a byte: what is cut between two packets is put together below.
      encoding: 'latin1',
      stdin: stdin instanceof Uint8Array ? Readable.from([stdin], { objectMode: false }) : stdin,
      onStdout: onOutput,
      onStderr: onOutput,
      // The command may end before it has read its input.
      onChannel: (channel) => channel.on('error', () => channel.close()),
    });
    if (result.code === null && result.signal === null) throw new Error('the connection was closed');
    return { code: result.code, stdout: asText(result.stdout), stderr: asText(result.stderr) };
  } catch (cause) {
    // Nothing was started and no input was read: trying again is safe.
    if (ssh.isConnected() && cause instanceof Error && /channel open failure/i.test(cause.message))
      throw new NoSession();
    throw connectionLost(spec, cause);
  }
}

/** The text of bytes that came one character each. */
function asText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** sshd would not open one more session on this connection just now. */
class NoSession extends Error {}

function connectionLost(spec: MachineSpec, cause: unknown): ProvisioningError {
  const message = text('error.connectionLost', { machine: spec.name });
  return new ProvisioningError('ConnectionLost', message, text('error.connectionLost.remedy'), cause);
}
