// What the kubelet's modules are given: its parts and the facts of its node. Types only.
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import type { Pod, Service } from '../../api/kinds/core/index.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { PodNetwork } from '../network/contract.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import type { TrustBundleLookUp } from '../volumes/sources.ts';
import type { TokenSource } from '../volumes/service-account-tokens.ts';
import type { Admission } from './admission/admit-pod.ts';
import type { PodCgroups } from './cgroups/pod-cgroups.ts';
import type { ObjectWatches } from './object-watches.ts';
import type { ObjectLookUp } from './containers/environment.ts';
import type { ImagePuller } from './images/image-puller.ts';
import type { RestartBackoff } from './plan/restart-backoff.ts';
import type { Observations } from './pods/observations.ts';
import type { StartGate } from './pods/start-gate.ts';
import type { Prober } from './probes/prober.ts';
import type { MirrorPods } from './static/mirror-pods.ts';
import type { StatusWriter } from './status/status-writer.ts';

/** Facts of the node that do not change while the agent runs. */
export interface NodeFacts {
  readonly name: string;
  readonly hostIps: readonly string[];
  readonly dataDir: string;
  /** Where the runtime keeps images and what containers write. */
  readonly imageDir: string;
  readonly clusterDns: string;
  readonly clusterDomain: string;
  readonly memoryBytes: number;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly podPidsLimit?: number;
  /** Kernel settings that pods may ask for besides the safe ones; `*` ends a prefix. */
  readonly allowedSysctls: readonly string[];
  readonly apparmor: boolean;
  readonly recursiveReadOnly: boolean;
  readonly log: { readonly maxBytes: number; readonly maxFiles: number };
}

export type PodNetworkPart = Pick<PodNetwork, 'attach' | 'detach'>;

export interface KubeletParts {
  readonly node: NodeFacts;
  readonly runtime: ContainerRuntime;
  readonly observations: Observations;
  readonly puller: ImagePuller;
  readonly prober: Prober;
  readonly volumes: PodVolumes;
  readonly network: PodNetworkPart;
  readonly status: StatusWriter;
  readonly mirrors: MirrorPods;
  readonly backoff: RestartBackoff;
  readonly gate: StartGate;
  readonly admission: Admission;
  readonly cgroups: PodCgroups;
  readonly objects: ObjectLookUp & TrustBundleLookUp & Pick<ObjectWatches, 'runtimeClass'>;
  readonly tokens: TokenSource;
  /** Services whose variables containers get; with `mustKnow` resolves when they are known. */
  readonly services: (mustKnow: boolean) => Promise<readonly Readonly<Service>[]>;
  readonly record: (
    object: Readonly<KubernetesObject>,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    fieldPath?: string,
  ) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The part of a pod that an event is about, as upstream writes it. */
export function fieldPathOf(pod: Readonly<Pod>, containerName: string): string {
  const list = pod.spec.initContainers?.some(({ name }) => name === containerName)
    ? 'initContainers'
    : pod.spec.ephemeralContainers?.some(({ name }) => name === containerName)
      ? 'ephemeralContainers'
      : 'containers';
  return `spec.${list}{${containerName}}`;
}
