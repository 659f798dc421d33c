// What every controller is given.
import type { Clock } from '../../machinery/clock.ts';
import type { EventRecorder } from '../../machinery/event-recorder.ts';
import type { InformerFactory } from '../../machinery/informer.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { RestClient } from '../../machinery/rest-client.ts';

/** What the cluster's administrator chose. */
export interface ControllerSettings {
  /** The range that nodes' pod ranges are cut from, such as `10.244.0.0/16`; none: nodes get no range. */
  podCidr?: string;
  /** The prefix length of a node's pod range; 24 by default. */
  nodeCidrMaskSize?: number;
  /** A node that is silent for longer counts as lost; 40,000 by default. */
  nodeMonitorGraceMs?: number;
  /** How long pods without a toleration of their own stay bound to a lost node; 300,000 by default. */
  podEvictionTimeoutMs?: number;
  /** Finished pods beyond this number are removed, the oldest first; 12,500 by default. */
  terminatedPodThreshold?: number;
  /** How often autoscalers look at their figures; 15,000 by default. */
  autoscalerSyncMs?: number;
  /** The API server's CA certificate in PEM, published to every namespace. */
  rootCa?: string;
  /** The authority, in PEM, that signs approved certificate requests. */
  signing?: { caCert: string; caKey: string };
}

export interface ControllerContext {
  readonly client: RestClient;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: ControllerSettings;
  /** Aborts when this process no longer leads, or ends. */
  readonly signal: AbortSignal;
  /** A recorder of events that speaks for one controller, such as `deployment-controller`. */
  recorder(component: string): EventRecorder;
}
