// A real etcd as our own child: one member that listens on a socket in a folder that only its user may enter, where it
// speaks gRPC without TLS and at half the CPU. Everybody but this process comes through a gate (gate.ts), TLS with client
// certificates on loopback, so that this process knows when it is the only one that writes.
// Guarantees: one etcd per data folder (a survivor of a killed parent is ended first); a child that dies is started
// again on the same port; on Linux the child dies with us even when we are killed; stop() ends it within 3 seconds.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve as absolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { pkiFiles } from '../pki/layout.ts';
import { createEtcdClient, etcdQuotaBytes } from './client.ts';
import type { EtcdAccess } from './endpoint-pool.ts';
import { openGate } from './gate.ts';
import { claimDataDir } from './process-lock.ts';
import { createGuestBook } from './sole-writer.ts';

const startTimeoutMs = 30_000;
const stopTimeoutMs = 3_000;
const restartDelayMs = 200;
const socketDelayMs = 5;
/** Linux' limit for the path of a socket, without the closing zero. */
const longestSocketPath = 107;
/** Its heap is a few dozen megabytes: collecting less often saves an eighth of its CPU for as many more. */
const collectAtPercent = '300';
/** etcd wants `host:port` of a socket's URL too, and makes a file of that name in its working folder. */
const socketName = 'etcd:0';

export interface EmbeddedEtcdOptions {
  readonly dataDir: string;
  /** A folder that ensurePki made: etcd serves with its etcd/server certificate. */
  readonly pkiDir: string;
  /** How our own client shows itself; PEM texts. */
  readonly client: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly binary?: string;
  readonly logger: Logger;
}

export interface EmbeddedEtcd {
  /** For everybody who has a client certificate. */
  readonly access: EtcdAccess;
  /** For this process: the socket, or `access` where the data folder's path is too long for one. */
  readonly ownAccess: EtcdAccess;
  /** The process id at this moment; undefined while it is restarting. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

/** Starts etcd and resolves when it answers; fails with etcd's own last words when it does not start. */
export async function startEmbeddedEtcd(options: EmbeddedEtcdOptions): Promise<EmbeddedEtcd> {
  const { dataDir, logger } = options;
  const socketFolder = absolute(dataDir, 'client');
  await mkdir(socketFolder, { recursive: true, mode: 0o700 });
  await chmod(socketFolder, 0o700);
  const lock = await claimDataDir(dataDir);
  const stopping = new AbortController();
  const socket = join(socketFolder, socketName);
  const hasSocket = Buffer.byteLength(socket) <= longestSocketPath;
  const soleWriter = createGuestBook(() => ask(ownAccess), stopping.signal);
  const files = servingFiles(options.pkiDir);
  const gate = hasSocket
    ? await openGate({ files, socketPath: socket, onGuest: () => soleWriter.enter() }).catch(async (cause: Error) => {
        await lock.release();
        throw new Error(`etcd did not start in ${dataDir}: ${cause.message}`, { cause });
      })
    : undefined;
  const [clientPort, peerPort] = await Promise.all([gate?.port ?? freePort(), freePort()]);
  const endpoint = `https://127.0.0.1:${clientPort}`;
  const access: EtcdAccess = { endpoints: [endpoint], isOnlyMember: true, ...options.client };
  const ownAccess: EtcdAccess = hasSocket
    ? { endpoints: [pathToFileURL(socket).href.replace('file:', 'unix:')], isOnlyMember: true, soleWriter }
    : access;
  const lastWords: string[] = [];
  let child: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();

  const start = async (): Promise<void> => {
    await rm(socket, { force: true }); // etcd does not start on one that a killed etcd has left
    const clientUrls = hasSocket ? `unix://${socketName}` : endpoint;
    const peerUrl = `https://127.0.0.1:${peerPort}`;
    const started = spawnEtcd(options, socketFolder, { clientUrls, advertised: endpoint, peerUrl });
    child = started;
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords.push(...text.trimEnd().split('\n'));
      lastWords.splice(0, Math.max(0, lastWords.length - 20));
    });
    exited = new Promise((resolve) => {
      started.once('error', (error) => {
        lastWords.push(error.message);
        child = undefined;
        resolve();
      });
      started.once('exit', () => {
        child = undefined;
        resolve();
      });
    });
    if (started.pid !== undefined) await lock.write(started.pid);
  };

  const keepAlive = async (): Promise<void> => {
    for (;;) {
      await exited;
      if (stopping.signal.aborted) return;
      logger.warn({ lastWords: lastWords.slice(-3) }, 'etcd ended; starting it again');
      await systemClock.sleep(restartDelayMs, stopping.signal);
      if (!stopping.signal.aborted) await start();
    }
  };

  const stop = async (): Promise<void> => {
    stopping.abort();
    gate?.close();
    child?.kill('SIGTERM');
    const killer = systemClock.setTimeout(() => child?.kill('SIGKILL'), stopTimeoutMs);
    await exited;
    killer();
    await lock.release();
  };

  await start();
  if (!(await answers(ownAccess, hasSocket ? socket : undefined, () => child !== undefined))) {
    await stop();
    throw new Error(`etcd did not start in ${dataDir}: ${lastWords.slice(-5).join(' | ') || 'no output'}`);
  }
  void keepAlive();
  logger.info({ endpoint, pid: child?.pid, dataDir }, 'etcd is up');
  return { access, ownAccess, pid: () => child?.pid, stop };
}

interface Urls {
  readonly clientUrls: string;
  readonly advertised: string;
  readonly peerUrl: string;
}

function spawnEtcd(options: EmbeddedEtcdOptions, cwd: string, { clientUrls, advertised, peerUrl }: Urls): ChildProcess {
  const file = (name: string): string => absolute(options.pkiDir, name);
  const { etcdCa, etcdPeer } = pkiFiles;
  const serving = servingFiles(options.pkiDir);
  const flags = {
    name: 'embedded',
    'data-dir': absolute(options.dataDir),
    'listen-client-urls': clientUrls,
    'advertise-client-urls': advertised,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `embedded=${peerUrl}`,
    ...(clientUrls.startsWith('https:') && {
      'client-cert-auth': 'true',
      'trusted-ca-file': serving.ca,
      'cert-file': serving.cert,
      'key-file': serving.key,
    }),
    'peer-client-cert-auth': 'true',
    'peer-trusted-ca-file': file(etcdCa.cert),
    'peer-cert-file': file(etcdPeer.cert),
    'peer-key-file': file(etcdPeer.key),
    'snapshot-count': '10000',
    // A single member elects itself: no reason to wait a whole second for it.
    'heartbeat-interval': '20',
    'election-timeout': '200',
    'quota-backend-bytes': String(etcdQuotaBytes),
    logger: 'zap',
    'log-level': 'warn',
  };
  const etcd = options.binary ?? 'etcd';
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const setpriv = '/usr/bin/setpriv';
  const [command, commandArgs] =
    process.platform === 'linux' && existsSync(setpriv)
      ? [setpriv, ['--pdeathsig', 'KILL', '--', etcd, ...args]]
      : [etcd, args];
  const { GOMAXPROCS = '2', GOGC = collectAtPercent } = process.env;
  return spawn(command, commandArgs, {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ETCDCTL_API: '3', GOMAXPROCS, GOGC },
  });
}

/** With what etcd shows itself to those who do not come by the socket; absolute paths. */
function servingFiles(pkiDir: string): { ca: string; cert: string; key: string } {
  const { etcdCa, etcdServer } = pkiFiles;
  return {
    ca: absolute(pkiDir, etcdCa.cert),
    cert: absolute(pkiDir, etcdServer.cert),
    key: absolute(pkiDir, etcdServer.key),
  };
}

async function ask(access: EtcdAccess): Promise<number> {
  const client = createEtcdClient(access);
  try {
    return await client.currentRevision();
  } finally {
    client.close();
  }
}

/** Whether it comes to answer. A question asked at its socket waits there until etcd serves, so it comes at once. */
async function answers(access: EtcdAccess, socket: string | undefined, isRunning: () => boolean): Promise<boolean> {
  const untilMs = Date.now() + startTimeoutMs;
  while (Date.now() < untilMs && isRunning()) {
    if (socket !== undefined && !existsSync(socket)) {
      await systemClock.sleep(socketDelayMs);
      continue;
    }
    try {
      await ask(access);
      return true;
    } catch {
      await systemClock.sleep(25); // not listening yet, or no leader yet
    }
  }
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
