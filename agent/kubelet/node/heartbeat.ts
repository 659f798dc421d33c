// The node's Lease: renewed every 10 seconds whatever else happens, so that the control plane knows the node is alive.
import type { Lease } from '../../../api/kinds/coordination/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { formatMicroTime } from '../../../api/meta/time.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { leases } from '../resources.ts';

export const leaseNamespace = 'kube-node-lease';
const leaseSeconds = 40;
const renewMs = 10_000;
const retryMs = 1_000;

export interface HeartbeatOptions {
  readonly client: RestClient;
  readonly nodeName: string;
  /** The Node's uid, for the lease's owner. */
  readonly nodeUid: () => string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Renews until the signal aborts; never rejects. */
export async function runHeartbeat(options: HeartbeatOptions): Promise<void> {
  const { clock, logger, signal } = options;
  while (!signal.aborted) {
    let delayMs = renewMs;
    try {
      await renew(options);
    } catch (error) {
      if (signal.aborted) return;
      logger.debug({ err: error }, 'the node lease was not renewed');
      delayMs = retryMs;
    }
    await clock.sleep(delayMs, signal);
  }
}

/** Renews (or makes) the lease once. */
export async function renew({ client, nodeName, nodeUid, clock, signal }: HeartbeatOptions): Promise<void> {
  const api = client.resource(leases, leaseNamespace);
  const renewTime = formatMicroTime(clock.now());
  try {
    await api.patch(nodeName, { type: 'merge', body: { spec: { renewTime, holderIdentity: nodeName } } }, { signal });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    const uid = nodeUid();
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: uid ?? '' };
    await api.create(
      {
        metadata: { name: nodeName, namespace: leaseNamespace, ...(uid !== undefined && { ownerReferences: [owner] }) },
        spec: { holderIdentity: nodeName, leaseDurationSeconds: leaseSeconds, renewTime },
      } as Parameters<typeof api.create>[0] & Partial<Lease>,
      { signal },
    );
  }
}
