// One administrator at a time changes a cluster, whichever machines the change touches: a Lease in the cluster's own API,
// which every console sees. A holder that vanished is succeeded when its lease has run out. While the API does not answer
// (a cluster being founded, or lost) there is only the lock on each machine. Changes within a change share its lock.
import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname, userInfo } from 'node:os';
import type { Clock } from '../../machinery/clock.ts';
import { systemClock } from '../../machinery/clock.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { authoritiesExist } from '../pki/cluster-pki.ts';
import { adminClient } from './api.ts';

const durationSeconds = 40;
const renewMs = 10_000;
const askMs = 5_000;
const folder = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
const name = 'pilothouse-provisioning';

const held = new AsyncLocalStorage<string>();

/** Who holds the lock of a cluster. */
export interface LockHolder {
  readonly holder: string;
  readonly since: string;
}

interface Lease {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseDurationSeconds?: number;
  };
}

/** Runs `work` with the cluster's lock; throws ProvisioningError `Locked` naming the holder. */
export async function withClusterLock<T>(
  spec: ClusterSpec,
  options: RunOptions,
  work: () => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  const paths = clusterPaths(spec.name, options.home);
  if (held.getStore() === spec.name || !authoritiesExist(paths.pkiDir)) return work();
  const client = await adminClient({ spec, paths });
  try {
    const lock = await acquire(client, spec.name, clock, options.signal);
    if (lock === undefined) return await work();
    const renewal = keepRenewing(lock, clock);
    try {
      return await held.run(spec.name, work);
    } finally {
      renewal.stop();
      await lock.write(undefined).catch(() => false); // it runs out by itself
    }
  } finally {
    client.close();
  }
}

/** Who is changing the cluster now; undefined when nobody is. */
export async function readLock(spec: ClusterSpec, options: RunOptions = {}): Promise<LockHolder | undefined> {
  const client = await adminClient({ spec, paths: clusterPaths(spec.name, options.home) });
  try {
    const answer = await call(client, 'GET', `${folder}/${name}`);
    return holderOf(JSON.parse(answer.body) as Lease, systemClock.now());
  } finally {
    client.close();
  }
}

interface OwnLock {
  /** Takes or renews (own identity) or gives back (undefined) the lease; false when someone else changed it. */
  write(holder: string | undefined): Promise<boolean>;
}

async function acquire(
  client: RestClient,
  cluster: string,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<OwnLock | undefined> {
  const me = `${userInfo().username}@${hostname()}`;
  const since = microTime(clock.now());
  let version: string | undefined;
  const write = async (holder: string | undefined): Promise<boolean> => {
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-system', ...(version === undefined ? {} : { resourceVersion: version }) },
      // A holder may be absent, but not empty.
      spec: {
        ...(holder === undefined ? {} : { holderIdentity: holder, acquireTime: since }),
        leaseDurationSeconds: durationSeconds,
        renewTime: microTime(clock.now()),
      },
    };
    const { status, body } = await (version === undefined
      ? call(client, 'POST', folder, lease)
      : call(client, 'PUT', `${folder}/${name}`, lease));
    if (status >= 300) return false;
    version = (JSON.parse(body) as Lease).metadata.resourceVersion;
    return true;
  };
  const deadline = clock.now() + (durationSeconds + 5) * 1000;
  for (;;) {
    signal?.throwIfAborted();
    let answer: { status: number; body: string };
    try {
      answer = await call(client, 'GET', `${folder}/${name}`);
    } catch {
      return undefined; // no API, no shared lock: the machines' own locks hold
    }
    if (answer.status >= 500) return undefined;
    const lease = answer.status === 404 ? undefined : (JSON.parse(answer.body) as Lease);
    version = lease?.metadata.resourceVersion;
    const other = lease === undefined ? undefined : holderOf(lease, clock.now());
    if (other === undefined) {
      if (await write(me)) return { write };
    } else if (other.holder !== me || clock.now() >= deadline) {
      const values = { machine: cluster, holder: other.holder, since: other.since };
      throw new ProvisioningError(
        'Locked',
        text('error.locked', values),
        text('error.locked.remedy', { ttl: durationSeconds }),
      );
    } else {
      // Our own former run, whose console died.
      await clock.sleep(1_000, signal);
    }
  }
}

function keepRenewing(lock: OwnLock, clock: Clock): { stop(): void } {
  const me = `${userInfo().username}@${hostname()}`;
  let cancel = (): void => undefined;
  const renew = (): void => {
    cancel = clock.setTimeout(() => {
      // A failure is followed by another try: masters restart while they are changed.
      void lock.write(me).then(renew, renew);
    }, renewMs);
  };
  renew();
  return { stop: () => cancel() };
}

function holderOf({ spec }: Lease, nowMs: number): LockHolder | undefined {
  const { holderIdentity = '', renewTime, acquireTime, leaseDurationSeconds = durationSeconds } = spec ?? {};
  const isOver = renewTime === undefined || nowMs - Date.parse(renewTime) > leaseDurationSeconds * 1000;
  return holderIdentity === '' || isOver ? undefined : { holder: holderIdentity, since: acquireTime ?? renewTime };
}

async function call(
  client: RestClient,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: string }> {
  const response = await client.request({
    method,
    path,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(askMs),
  });
  return { status: response.status, body: await response.text() };
}

/** Kubernetes' MicroTime. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
