// The SSH transport against a real sshd of our own on loopback.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { NodeSSH } from 'node-ssh';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requires } from '../../test/support/requirements.ts';
import type { MachineSpec } from '../contract.ts';
import { waitForSsh } from '../machines/lab/wait-for-ssh.ts';
import { type KnownHosts, openKnownHosts } from './known-hosts.ts';
import { encryptLeanly } from './lean-cipher.ts';
import { connectSsh } from './ssh.ts';

let folder = '';
let port = 0;
let server: ChildProcess | undefined;

function startServer(...more: string[]): void {
  const options = [
    'PidFile none',
    `AuthorizedKeysFile ${folder}/user.pub`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
    ...more,
  ];
  server = spawn(
    '/usr/sbin/sshd',
    [
      '-D',
      '-e',
      '-f',
      '/dev/null',
      '-p',
      String(port),
      '-h',
      join(folder, 'host'),
      '-o',
      'ListenAddress 127.0.0.1',
      ...options.flatMap((option) => ['-o', option]),
    ],
    { stdio: 'ignore' },
  );
}

async function stopServer(): Promise<void> {
  const ended = new Promise((resolve) => server?.once('exit', resolve));
  server?.kill('SIGTERM');
  await ended;
}

function makeKey(name: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
}

const machine = (change: Partial<MachineSpec> = {}): MachineSpec => ({
  name: 'm1',
  address: '127.0.0.1',
  port,
  user: userInfo().username,
  role: 'node',
  credentials: { keyPath: join(folder, 'user') },
  ...change,
});
const hosts = (): KnownHosts => openKnownHosts(join(folder, 'known_hosts'));

requires('sshd', 'root')('SSH to a real sshd', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pilothouse-ssh-'));
    mkdirSync('/run/sshd', { recursive: true });
    for (const name of ['host', 'user', 'stranger']) makeKey(name);
    port = await freePort();
    startServer();
    expect(await waitForSsh('127.0.0.1', 10_000, undefined, port)).toBe(true);
  });
  afterAll(async () => {
    await stopServer();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the host key is pinned at first contact, shown, and the same from then on', async () => {
    const seen: [string, boolean][] = [];
    for (let i = 0; i < 2; i += 1) {
      const ssh = await connectSsh(machine(), {
        knownHosts: hosts(),
        onHostKey: (print, isNew) => seen.push([print, isNew]),
      });
      ssh.close();
    }
    const print = execFileSync('ssh-keygen', ['-lf', join(folder, 'host.pub')], { encoding: 'utf8' }).split(' ')[1];
    expect(seen).toEqual([
      [print, true],
      [print, false],
    ]);
  });

  test('a large file arrives as it is, beside small commands', async () => {
    const [from, to] = [join(folder, 'sent'), join(folder, 'received')];
    const bytes = randomBytes(12_345_678);
    writeFileSync(from, bytes);
    const ssh = await connectSsh(machine(), { knownHosts: hosts() });
    try {
      const answers = Array.from({ length: 8 }, (_, i) => ssh.run(`echo ${'x'.repeat(i)}`));
      const [, ...said] = await Promise.all([ssh.upload(from, to), ...answers]);
      expect(said).toEqual(answers.map((_, i) => `${'x'.repeat(i)}\n`));
      expect(readFileSync(to).equals(bytes)).toBe(true);
    } finally {
      ssh.close();
    }
  });

  test('the library encrypts as we know it', async () => {
    const ssh = new NodeSSH();
    const privateKeyPath = join(folder, 'user');
    const cipher = { prepend: ['aes128-gcm@openssh.com' as const], append: [], remove: [] };
    await ssh.connect({
      host: '127.0.0.1',
      port,
      username: userInfo().username,
      privateKeyPath,
      algorithms: { cipher },
    });
    expect(encryptLeanly(ssh.connection)).toBe(true);
    expect((await ssh.execCommand('echo here')).stdout).toBe('here');
    ssh.dispose();
  });

  test('a stranger is refused as such, an empty port as unreachable, a missing key file as unreadable', async () => {
    const refused = (spec: MachineSpec): Promise<unknown> =>
      connectSsh(spec, { knownHosts: hosts(), timeoutMs: 3_000 }).catch((error: unknown) => error);
    expect(await refused(machine({ credentials: { keyPath: join(folder, 'stranger') } }))).toMatchObject({
      reason: 'Authentication',
    });
    expect(await refused(machine({ credentials: { password: 'wrong' } }))).toMatchObject({ reason: 'Authentication' });
    expect(await refused(machine({ port: await freePort() }))).toMatchObject({ reason: 'Unreachable' });
    expect(await refused(machine({ credentials: { keyPath: join(folder, 'nothing') } }))).toMatchObject({
      reason: 'KeyUnreadable',
    });
  });

  test('a machine is reached through jump hosts, each with its own host key pinned; one that is off is named', async () => {
    const hop = (change: object = {}): object => ({ address: '127.0.0.1', port, user: userInfo().username, ...change });
    const through = machine({
      address: 'localhost',
      jump: [hop(), hop({ credentials: machine().credentials })] as never,
    });
    const ssh = await connectSsh(through, { knownHosts: hosts() });
    expect(await ssh.run('echo "$SSH_CONNECTION"', { unprivileged: true })).toMatch(/127\.0\.0\.1|::1/);
    ssh.close();
    await ssh.closed;
    expect(readFileSync(hosts().path, 'utf8')).toContain(`[localhost]:${port}`);
    const dead = machine({ jump: [hop({ port: await freePort() })] as never });
    const refused = await connectSsh(dead, { knownHosts: hosts(), timeoutMs: 3_000 }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ reason: 'Unreachable' });
    expect(String(refused)).toContain(String(dead.jump?.[0]?.port));
  });

  test('what is secret is not on record: input, keys read, passwords', async () => {
    const seen: string[] = [];
    const record = (...words: unknown[]): void => void seen.push(JSON.stringify(words.slice(0, 2)));
    const ssh = await connectSsh(machine({ credentials: { ...machine().credentials, sudoPassword: 'hush-hush' } }), {
      knownHosts: hosts(),
      record,
    });
    await ssh.run('cat >/dev/null', { stdin: 'very-secret-input', unprivileged: true });
    ssh.close();
    expect(seen).toHaveLength(1);
    expect(seen.join()).not.toMatch(/hush|very-secret/);
  });

  test('commands answer with code and output; more at once than sshd allows sessions', async () => {
    const ssh = await connectSsh(machine(), { knownHosts: hosts() });
    try {
      expect(await ssh.exec('echo out; echo err >&2; exit 7')).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' });
      const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => ssh.run(`sleep 0.05; echo ${i}`)));
      expect(answers.map(Number)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    } finally {
      ssh.close();
    }
  });

  test('an upload arrives whole', async () => {
    const source = join(folder, 'source');
    writeFileSync(source, Buffer.alloc(20_000_000, 'pilothouse'));
    const ssh = await connectSsh(machine(), { knownHosts: hosts() });
    try {
      await ssh.upload(source, join(folder, 'up', 'target'), { mode: 0o600 });
      expect(readFileSync(join(folder, 'up', 'target')).equals(readFileSync(source))).toBe(true);
    } finally {
      ssh.close();
    }
  });

  test('an abort cuts the command and leaves the connection usable', async () => {
    const ssh = await connectSsh(machine(), { knownHosts: hosts() });
    const abort = new AbortController();
    try {
      const pidFile = join(folder, 'pid');
      const running = ssh
        .exec(`echo $$ > ${pidFile}; exec sleep 300`, { signal: abort.signal })
        .catch((error: unknown) => error);
      while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await ssh.run('sleep 0.02');
      abort.abort();
      expect(await running).toMatchObject({ name: 'AbortError' });
      expect(await ssh.run('echo still here')).toBe('still here\n');
    } finally {
      ssh.close();
    }
  });

  test('a connection cut in the middle rejects what was running', async () => {
    const ssh = await connectSsh(machine(), { knownHosts: hosts() });
    const session = (await ssh.run('echo $PPID')).trim();
    const running = ssh.exec('sleep 300').catch((error: unknown) => error);
    await ssh.run('true');
    process.kill(Number(session), 'SIGKILL');
    expect(await running).toMatchObject({ reason: 'ConnectionLost' });
    await ssh.closed;
    await expect(ssh.exec('true')).rejects.toMatchObject({ reason: 'ConnectionLost' });
  });

  test.each([
    ['by forwarding', []],
    ['by its own shell where forwarding is forbidden', ['AllowTcpForwarding no']],
  ])('a port that the machine reaches is reached through it, %s, and nothing is left running', async (_, options) => {
    await stopServer();
    startServer(...options);
    expect(await waitForSsh('127.0.0.1', 10_000, undefined, port)).toBe(true);
    const sockets: Socket[] = [];
    const echo = createServer((socket) => {
      sockets.push(socket);
      socket.pipe(socket).on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => echo.once('listening', resolve));
    const ssh = await connectSsh(machine(), { knownHosts: hosts() });
    try {
      const stream = await ssh.dial('127.0.0.1', (echo.address() as AddressInfo).port);
      const sent = Buffer.alloc(300_000, 'both ways ');
      const parts: Buffer[] = [];
      const whole = new Promise((resolve) =>
        stream.on('data', (part: Buffer) => {
          parts.push(part);
          if (Buffer.concat(parts).length >= sent.length) resolve(undefined);
        }),
      );
      stream.write(sent);
      await whole;
      expect(Buffer.concat(parts).equals(sent)).toBe(true);
      const ended = new Promise((resolve) => sockets[0]?.once('close', resolve));
      stream.destroy();
      await ended;
    } finally {
      ssh.close();
      echo.close();
    }
  });

  test('a changed host key stops before any secret is sent', async () => {
    await stopServer();
    rmSync(join(folder, 'host'));
    makeKey('host');
    startServer();
    expect(await waitForSsh('127.0.0.1', 10_000, undefined, port)).toBe(true);
    await expect(connectSsh(machine(), { knownHosts: hosts() })).rejects.toMatchObject({ reason: 'HostKeyChanged' });
  });
});
