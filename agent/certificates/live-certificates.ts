// The node's two certificates, as they are now: the one it shows to the API server (in its kubeconfig) and the one it
// serves with. Files that somebody changes are taken up within seconds, and certificates at two thirds of their life are
// renewed through the cluster's own signer; no restart, and no connection that stands is touched.
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import type { Clock } from '../../machinery/clock.ts';
import { clusterOf, formatKubeconfig, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import type { ClusterAccess } from '../../machinery/kubeconfig.ts';
import type { Logger } from '../../machinery/logger.ts';
import { renewalDueMs } from '../../machinery/pki/index.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import type { AgentOptions } from '../flags.ts';
import { requestCertificate } from './request-certificate.ts';

const lookMs = 5_000;
const renewMs = 600_000;

export interface LiveCertificates {
  /** Reads as the access of the moment: new connections use what is current. */
  readonly access: ClusterAccess;
  /** Called when the serving certificate or the authorities of clients changed. */
  onDidChangeServing(listener: () => Promise<void>): void;
  run(
    about: { client: RestClient; names: () => readonly string[]; clock: Clock; logger: Logger },
    signal: AbortSignal,
  ): Promise<void>;
}

/** Reads the kubeconfig; nothing is watched before `run`. */
export function createLiveCertificates(options: AgentOptions, servers: readonly string[]): LiveCertificates {
  let current = clusterOf(loadKubeconfig(options.kubeconfig));
  const listeners: (() => Promise<void>)[] = [];
  const access: ClusterAccess = {
    servers: [...servers],
    get ca() {
      return current.ca;
    },
    get cert() {
      return current.cert;
    },
    get key() {
      return current.key;
    },
    token: current.token,
    tokenFile: current.tokenFile,
    insecure: current.insecure,
    serverName: current.serverName,
  };
  const files = [options.kubeconfig, options.tlsCert, options.tlsKey, options.clientCa].filter(
    (path) => path !== undefined,
  );

  const renew = async (
    { client, names, clock, logger }: Parameters<LiveCertificates['run']>[0],
    signal: AbortSignal,
  ): Promise<void> => {
    const now = clock.now();
    const user = `system:node:${options.nodeName}`;
    if (current.cert !== undefined && now >= renewalDueMs(current.cert)) {
      const issued = await requestCertificate(client, { user, usage: 'client', names: [], clock, signal });
      const next = { ...current, cert: issued.cert, key: issued.key };
      await writeWhole(options.kubeconfig, formatKubeconfig('pilothouse', next, user), 0o600);
      logger.info('renewed the certificate for the API server');
    }
    const { tlsCert, tlsKey } = options;
    if (tlsCert === undefined || tlsKey === undefined) return;
    if (now < renewalDueMs(await readFile(tlsCert, 'utf8'))) return;
    const issued = await requestCertificate(client, { user, usage: 'server', names: names(), clock, signal });
    await writeWhole(tlsKey, issued.key, 0o600);
    await writeWhole(tlsCert, issued.cert, 0o644);
    logger.info('renewed the serving certificate');
  };

  return {
    access,
    onDidChangeServing: (listener) => void listeners.push(listener),
    async run(about, signal) {
      const { clock, logger } = about;
      let seen = await stampOf(files);
      let renewedAtMs = clock.now() - renewMs;
      while (!signal.aborted) {
        try {
          if (clock.now() - renewedAtMs >= renewMs) {
            renewedAtMs = clock.now();
            await renew(about, signal);
          }
          const stamp = await stampOf(files);
          if (stamp !== seen) {
            current = clusterOf(loadKubeconfig(options.kubeconfig));
            for (const listener of listeners) await listener();
            seen = stamp;
            logger.info('certificates changed; new connections use them');
          }
        } catch (err) {
          if (!signal.aborted) logger.warn({ err }, 'looking after certificates; trying again');
        }
        await clock.sleep(lookMs, signal);
      }
    },
  };
}

async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    files.map(async (file) => {
      const { ino, mtimeMs, size } = await stat(file);
      return `${ino}:${mtimeMs}:${size}`;
    }),
  );
  return stamps.join(' ');
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  await writeFile(`${path}.new`, text, { mode });
  await rename(`${path}.new`, path);
}
