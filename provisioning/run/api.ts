// The console's own view of the cluster's API during a run: is it ready, is a node Ready.
import { systemClock } from '../../machinery/clock.ts';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createRestClient, type RestClient } from '../../machinery/rest-client.ts';
import { tracedTransport } from '../../machinery/trace.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { adminKubeconfig, authoritiesExist, serversOf } from '../pki/cluster-pki.ts';
import type { MachineSpec } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import type { ClusterContext } from './step.ts';

/** What a client of the cluster needs to know of a run. */
export type ClusterFiles = Pick<ClusterContext, 'spec' | 'paths'>;

interface WaitOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** What to show when time is up. */
  readonly log: () => Promise<string>;
}

const answerMs = 2_000;

/** A client with the administrator's certificate, at one master or at all of them; the caller closes it. */
export function adminClient(cluster: ClusterFiles, machine?: MachineSpec): Promise<RestClient> {
  return adminClientAt(cluster, machine === undefined ? serversOf(cluster.spec) : [`https://${machine.address}:6443`]);
}

/** The same at `servers`, whatever they are. */
export async function adminClientAt(cluster: ClusterFiles, servers: string[]): Promise<RestClient> {
  const access = clusterOf(loadKubeconfig(await adminKubeconfig(cluster.spec, cluster.paths.pkiDir)));
  return createRestClient({
    transport: tracedTransport(createHttpsTransport({ ...access, servers })),
    userAgent: 'pilothouse-provisioning',
  });
}

/** Whether what answers at `address` is this cluster's API, by its certificate; false also when nothing does. */
export async function isOurApi(cluster: ClusterFiles, address: string, signal?: AbortSignal): Promise<boolean> {
  if (!authoritiesExist(cluster.paths.pkiDir)) return false;
  const client = await adminClientAt(cluster, [`https://${address}`]);
  try {
    const limit = AbortSignal.any([AbortSignal.timeout(answerMs), ...(signal === undefined ? [] : [signal])]);
    await (await client.request({ method: 'GET', path: '/readyz', signal: limit })).text();
    return true;
  } catch {
    signal?.throwIfAborted();
    return false; // whoever it is, it does not show our certificate
  } finally {
    client.close();
  }
}

/** Waits until the API server on `machine` answers ready. */
export async function waitForApi(cluster: ClusterFiles, machine: MachineSpec, options: WaitOptions): Promise<void> {
  const client = await adminClient(cluster, machine);
  try {
    await until(options, async () => {
      const response = await client.request({ method: 'GET', path: '/readyz', signal: options.signal });
      const body = await response.text();
      return response.status === 200 ? undefined : body;
    });
  } catch (error) {
    throw await timedOut('error.apiNotReady', { machine: machine.name, address: machine.address }, options, error);
  } finally {
    client.close();
  }
}

/** Waits until the node of `machine` is Ready. */
export async function waitForNode(cluster: ClusterFiles, machine: MachineSpec, options: WaitOptions): Promise<void> {
  const client = await adminClient(cluster);
  try {
    await until(options, () => nodeProblem(client, machine.name, options.signal));
  } catch (error) {
    throw await timedOut('error.nodeNotReady', { machine: machine.name }, options, error);
  } finally {
    client.close();
  }
}

/** Why the node is not Ready, or undefined when it is. */
export async function nodeProblem(client: RestClient, name: string, signal: AbortSignal): Promise<string | undefined> {
  const response = await client.request({ method: 'GET', path: `/api/v1/nodes/${name}`, signal });
  if (response.status !== 200) return `the API answers ${response.status} for node ${name}`;
  const node = JSON.parse(await response.text()) as NodeStatus;
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  return ready?.status === 'True' ? undefined : (ready?.message ?? 'no Ready condition yet');
}

interface NodeStatus {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** Asks every quarter of a second; throws the last reason when time is up. */
export async function until(
  options: Pick<WaitOptions, 'signal' | 'timeoutMs'>,
  ask: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = systemClock.now() + options.timeoutMs;
  for (;;) {
    options.signal.throwIfAborted();
    const problem = await ask().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (problem === undefined) return;
    if (systemClock.now() > deadline) throw new Error(problem);
    await systemClock.sleep(250, options.signal);
  }
}

async function timedOut(
  key: 'error.apiNotReady' | 'error.nodeNotReady',
  values: Record<string, string>,
  options: WaitOptions,
  cause: unknown,
): Promise<unknown> {
  if (options.signal.aborted) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const log = (await options.log().catch(() => '')).trim().split('\n').slice(-8).join(' | ');
  return new ProvisioningError(
    'NotReady',
    text(key, { ...values, reason, log }),
    text('error.notReady.remedy', values),
    cause,
  );
}
