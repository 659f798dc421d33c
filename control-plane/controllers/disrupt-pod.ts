// Deletes a pod for the cluster's own reasons, after its DisruptionTarget condition says which. A pod that is gone, or
// that another has replaced meanwhile, is left alone.
import type { Pod } from '../../api/kinds/core/index.ts';
import type { ControllerContext } from './context.ts';
import { pods } from '../../api/kinds/core/index.ts';
import { isApiError } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import { conditionOf } from './conditions.ts';
import { isFinished } from './pod-state.ts';

/** @param cause as the condition says it, in upstream's words */
export async function disruptPod(
  { client, clock, signal }: Pick<ControllerContext, 'client' | 'clock' | 'signal'>,
  pod: Readonly<Pod>,
  cause: { readonly reason: string; readonly message: string },
): Promise<void> {
  const api = client.resource(pods, pod.metadata.namespace);
  const { name, uid } = pod.metadata;
  try {
    if (!isFinished(pod) && conditionOf(pod.status?.conditions, 'DisruptionTarget')?.status !== 'True') {
      const lastTransitionTime = formatTime(clock.now());
      const condition = { type: 'DisruptionTarget', status: 'True', ...cause, lastTransitionTime };
      const body = { metadata: { uid }, status: { conditions: [condition] } };
      await api.patch(name, { type: 'strategic', body }, { subresource: 'status', signal });
    }
    await api.delete(name, { preconditions: { uid }, signal });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
