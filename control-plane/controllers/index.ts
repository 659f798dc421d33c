// Starts every controller; each is independent of the others, and all talk to the API alone.
import type { Clock } from '../../machinery/clock.ts';
import type { EventRecorder } from '../../machinery/event-recorder.ts';
import type { InformerFactory } from '../../machinery/informer.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import type { ControllerContext, ControllerSettings } from './context.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import { runAutomaticRollbackController } from './automatic-rollback/controller.ts';
import { runBootstrapTokenController } from './bootstrap-tokens/controller.ts';
import { runClusterRoleAggregationController } from './cluster-role-aggregation/controller.ts';
import { runCronJobController } from './cron-job/controller.ts';
import { runDaemonSetController } from './daemon-set/controller.ts';
import { runDeploymentController } from './deployment/controller.ts';
import { runDeviceTaintEvictionController } from './device-taint-eviction/controller.ts';
import { runDisruptionController } from './disruption/controller.ts';
import { runEndpointSliceController } from './endpoint-slice/controller.ts';
import { runEndpointSliceMirroringController } from './endpoint-slice-mirroring/controller.ts';
import { runEndpointsController } from './endpoints/controller.ts';
import { runEphemeralVolumeController } from './ephemeral-volume/controller.ts';
import { runGarbageCollector } from './garbage-collector/controller.ts';
import { runHorizontalPodAutoscalerController } from './horizontal-pod-autoscaler/controller.ts';
import { runJobController } from './job/controller.ts';
import { runLoadBalancerController } from './load-balancer/controller.ts';
import { runNamespaceController } from './namespace/controller.ts';
import { runNodeIpamController } from './node-ipam/controller.ts';
import { runNodeLifecycleController } from './node-lifecycle/controller.ts';
import { runNodeTtlController } from './node-ttl/controller.ts';
import { runPersistentVolumeController } from './persistent-volume/controller.ts';
import { runPodGcController } from './pod-gc/controller.ts';
import { runCertificateController } from './certificates/controller.ts';
import { runReplicaSetController, runReplicationControllerController } from './replica-set/controller.ts';
import { runResourceClaimController } from './resource-claim/controller.ts';
import { runResourceQuotaController } from './resource-quota/controller.ts';
import { runRootCaController } from './root-ca/controller.ts';
import { runServiceAccountController } from './service-account/controller.ts';
import { runServiceAccountTokenController } from './service-account-token/controller.ts';
import { runServiceCidrController } from './service-cidr/controller.ts';
import { runServiceIpRepairController } from './service-ip-repair/controller.ts';
import { runStatefulSetController } from './stateful-set/controller.ts';
import { runTtlAfterFinishedController } from './ttl-after-finished/controller.ts';

export type { ControllerSettings } from './context.ts';

export interface RunControllersOptions {
  client: RestClient;
  /** The caller runs it, before or after. */
  informers: InformerFactory;
  clock: Clock;
  logger: Logger;
  /** Aborts when this process no longer leads, or ends. */
  signal: AbortSignal;
  options: ControllerSettings;
  /** Only these; all by default. */
  only?: readonly ControllerName[];
}

/** By name. The garbage collector comes last: it shares the informers that the others asked for. */
const controllers = {
  nodeipam: runNodeIpamController,
  nodelifecycle: runNodeLifecycleController,
  'node-ttl': runNodeTtlController,
  serviceaccount: runServiceAccountController,
  'service-account-token': runServiceAccountTokenController,
  'root-ca': runRootCaController,
  deployment: runDeploymentController,
  replicaset: runReplicaSetController,
  replicationcontroller: runReplicationControllerController,
  statefulset: runStatefulSetController,
  daemonset: runDaemonSetController,
  job: runJobController,
  cronjob: runCronJobController,
  'ttl-after-finished': runTtlAfterFinishedController,
  'automatic-rollback': runAutomaticRollbackController,
  disruption: runDisruptionController,
  'clusterrole-aggregation': runClusterRoleAggregationController,
  certificates: runCertificateController,
  resourcequota: runResourceQuotaController,
  persistentvolume: runPersistentVolumeController,
  'ephemeral-volume': runEphemeralVolumeController,
  'horizontal-pod-autoscaler': runHorizontalPodAutoscalerController,
  endpointslice: runEndpointSliceController,
  endpoints: runEndpointsController,
  'endpointslice-mirroring': runEndpointSliceMirroringController,
  'load-balancer': runLoadBalancerController,
  'service-cidr': runServiceCidrController,
  'service-ip-repair': runServiceIpRepairController,
  'resource-claim': runResourceClaimController,
  'device-taint-eviction': runDeviceTaintEvictionController,
  'bootstrap-tokens': runBootstrapTokenController,
  'pod-gc': runPodGcController,
  namespace: runNamespaceController,
  'garbage-collector': runGarbageCollector,
} as const satisfies Record<string, (context: ControllerContext) => Promise<void>>;

export type ControllerName = keyof typeof controllers;

/** Runs the controllers until the signal aborts. Never two at a time in one cluster: the caller holds the lease. */
export async function runControllers(given: RunControllersOptions): Promise<void> {
  const { client, informers, clock, logger, signal, options } = given;
  const recorders = new Map<string, EventRecorder>();
  const recorder = (component: string): EventRecorder => {
    const known = recorders.get(component) ?? createEventRecorder({ client, component, clock, logger });
    recorders.set(component, known);
    return known;
  };
  const context: ControllerContext = { client, informers, clock, logger, settings: options, signal, recorder };
  const chosen = Object.entries(controllers).filter(([name]) => given.only?.includes(name as ControllerName) ?? true);
  await Promise.all(chosen.map(([, run]) => run(context)));
}
