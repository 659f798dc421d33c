// Keeps the API's pictures of static pods: one for each, made again when somebody deletes it, replaced when the manifest
// changes, removed with its pod. The API being away changes nothing for the pods themselves.
import type { Pod } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { pods } from '../resources.ts';
import { mirrorOf, mirroredUid } from './static-pod.ts';

export interface MirrorPods {
  /** A pod of this node as the API has it now; answers whether it is a picture. */
  seen(pod: Readonly<Pod>): boolean;
  gone(pod: Readonly<Pod>): boolean;
  /** Whom the status of a pod is written to: itself, or the picture of a static one, if there is one yet. */
  targetOf(pod: Readonly<Pod>): Readonly<Pod> | undefined;
  /** Makes the pictures what they should be. */
  sync(staticPods: readonly Readonly<Pod>[]): Promise<void>;
}

export interface MirrorPodsOptions {
  readonly client: RestClient;
  readonly node: () => Promise<{ readonly name: string; readonly uid: string }>;
  readonly isStatic: (pod: Readonly<Pod>) => boolean;
  readonly logger: Logger;
}

export function createMirrorPods({ client, node, isStatic, logger }: MirrorPodsOptions): MirrorPods {
  /** By the API's uid. */
  const mirrors = new Map<string, Readonly<Pod>>();
  const pictureOf = (uid: string): Readonly<Pod> | undefined =>
    [...mirrors.values()].find(
      (mirror) => mirroredUid(mirror) === uid && mirror.metadata.deletionTimestamp === undefined,
    );
  const remove = async ({ metadata: { name, namespace, uid } }: Readonly<Pod>): Promise<void> => {
    await client.resource(pods, namespace).delete(name, { gracePeriodSeconds: 0, preconditions: { uid } });
  };
  const create = async (pod: Readonly<Pod>): Promise<void> => {
    const made = await client.resource(pods, pod.metadata.namespace).create(mirrorOf(pod, await node()));
    mirrors.set(made.metadata.uid, made);
  };
  /** What somebody else did first is done as well. */
  const attempt = async (what: Promise<void>): Promise<void> => {
    try {
      await what;
    } catch (error) {
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict') && !isApiError(error, 'AlreadyExists'))
        logger.debug({ err: error }, 'the picture of a static pod could not be kept; it will be tried again');
    }
  };

  return {
    seen(pod) {
      if (mirroredUid(pod) === undefined) return false;
      mirrors.set(pod.metadata.uid, pod);
      return true;
    },
    gone: (pod) => mirrors.delete(pod.metadata.uid) || mirroredUid(pod) !== undefined,
    targetOf: (pod) => (isStatic(pod) ? pictureOf(pod.metadata.uid) : pod),
    async sync(staticPods) {
      const wanted = new Set(staticPods.map(({ metadata }) => metadata.uid));
      const stale = [...mirrors.values()].filter(
        (mirror) => !wanted.has(mirroredUid(mirror) ?? '') || mirror.metadata.deletionTimestamp !== undefined,
      );
      await Promise.all(stale.map((mirror) => attempt(remove(mirror))));
      const missing = staticPods.filter(({ metadata }) => pictureOf(metadata.uid) === undefined);
      await Promise.all(missing.map((pod) => attempt(create(pod))));
    },
  };
}
