// Making and deleting pods for an owner: told as events, and remembered until the cache shows them.
import type { Pod } from '../../api/kinds/core/index.ts';
import type { Draft, KubernetesObject } from '../../api/meta/object-meta.ts';
import type { ControllerContext } from './context.ts';
import { pods } from '../../api/kinds/core/index.ts';
import { keyOf } from '../../api/meta/object-meta.ts';
import { isApiError } from '../../api/meta/status.ts';
import { createExpectations } from './expectations.ts';
import { ownerIndexes } from './ownership.ts';

export interface PodControl {
  /** Whether the cache shows everything that was done for the owner's key. */
  isCurrent(key: string): boolean;
  forget(key: string): void;
  /** Makes a pod; a failure is told as an event and thrown. */
  create(owner: Readonly<KubernetesObject>, pod: Draft<Pod>): Promise<Pod>;
  /** Deletes that very pod; one that is gone already counts as deleted. */
  delete(owner: Readonly<KubernetesObject>, pod: Readonly<Pod>): Promise<void>;
}

/** @param component who speaks in the events, such as `replicaset-controller` */
export function createPodControl(context: ControllerContext, component: string): PodControl {
  const { client, informers, signal } = context;
  const expectations = createExpectations(informers.of(pods, ownerIndexes));
  const recorder = context.recorder(component);
  return {
    isCurrent: expectations.areMet,
    forget: expectations.forget,
    async create(owner, draft) {
      try {
        const pod = await client.resource(pods, owner.metadata.namespace).create(draft, { signal });
        expectations.wrote(keyOf(owner), pod);
        recorder.record(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
        return pod;
      } catch (error) {
        if (!signal.aborted && !isNamespaceLeaving(error)) {
          recorder.record(owner, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`);
        }
        throw error;
      }
    },
    async delete(owner, pod) {
      const { name, uid } = pod.metadata;
      try {
        await client.resource(pods, owner.metadata.namespace).delete(name, { preconditions: { uid }, signal });
      } catch (error) {
        if (isApiError(error, 'NotFound') || isApiError(error, 'Conflict')) return;
        if (!signal.aborted)
          recorder.record(owner, 'Warning', 'FailedDelete', `Error deleting: ${(error as Error).message}`);
        throw error;
      }
      expectations.deleted(keyOf(owner), pod);
      recorder.record(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    },
  };
}

/** Whether nothing can be made because the namespace is going away: no use in saying so for each pod. */
export function isNamespaceLeaving(error: unknown): boolean {
  return isApiError(error, 'Forbidden') && error.message.includes('being terminated');
}
