// Registers the node and keeps its status true: written when something changed, and every five minutes. Labels and taints
// given on the command line are set at registration; later changes by others are left alone.
import { isDeepStrictEqual } from 'node:util';
import type { Node, NodeStatus } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import type { RuntimeImage } from '../../runtime/container-runtime.ts';
import { nodes } from '../resources.ts';
import { runHeartbeat } from './heartbeat.ts';
import type { MachineFacts } from './machine-facts.ts';
import { nodeDraft, nodeLabels, nodeStatus } from './node-object.ts';
import type { NodeHealth, NodeIdentity } from './node-object.ts';

const lookMs = 10_000;
const reportMs = 300_000;
const firstRetryMs = 500;
const imagesMs = 5_000;

export interface RunNodeOptions {
  readonly client: RestClient;
  readonly identity: NodeIdentity;
  readonly machine: MachineFacts;
  readonly health: () => Promise<NodeHealth>;
  readonly images: () => Promise<readonly RuntimeImage[]>;
  /** Resolves when the node's parts are up, or have had their time. */
  readonly settled?: () => Promise<void>;
  readonly onRegistered?: (node: Readonly<Node>) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface NodeReporter {
  /** Runs until the signal aborts; never rejects. */
  run(): Promise<void>;
  /** Look at once: something about the node changed. */
  hurry(): void;
}

export function createNodeReporter(options: RunNodeOptions): NodeReporter {
  const { client, identity, machine, clock, logger, signal } = options;
  const api = client.resource(nodes);
  let wake: (() => void) | undefined;
  let known: Readonly<Node> | undefined;
  let reportedAtMs = 0;

  let images: readonly RuntimeImage[] = [];

  /** A runtime that hangs must not keep the node from saying so: its images are then those that were seen last. */
  const lookAtImages = async (): Promise<void> => {
    const waiting = new AbortController();
    const listed = options.images().then(
      (found) => void (images = found),
      () => undefined,
    );
    await Promise.race([listed, clock.sleep(imagesMs, AbortSignal.any([signal, waiting.signal]))]);
    waiting.abort();
  };

  const statusNow = async (): Promise<NodeStatus> => {
    const [health] = await Promise.all([options.health(), lookAtImages()]);
    return nodeStatus(identity, machine, health, images, known?.status?.conditions ?? [], clock.now());
  };

  const register = async (): Promise<void> => {
    const status = await statusNow();
    try {
      known = await api.create(nodeDraft(identity, machine, status));
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      // A node that comes back has its pod range: do not call it unready before the network could be brought up.
      await options.settled?.();
      known = await api.patch(identity.name, {
        type: 'strategic',
        body: { metadata: { labels: nodeLabels(identity, machine) } },
      });
      await report(await statusNow());
    }
    logger.info({ node: identity.name, addresses: identity.addresses }, 'the node is registered');
    options.onRegistered?.(known);
  };

  const report = async (status: NodeStatus): Promise<void> => {
    known = await api.patch(identity.name, { type: 'strategic', body: { status } }, { subresource: 'status' });
    reportedAtMs = clock.now();
  };

  const look = async (): Promise<void> => {
    const status = await statusNow();
    const isDue = clock.now() - reportedAtMs >= reportMs;
    if (isDue || !isDeepStrictEqual(steady(status), steady(known?.status ?? {}))) await report(status);
  };

  return {
    hurry: () => wake?.(),
    async run() {
      const heartbeat = runHeartbeat({
        client,
        nodeName: identity.name,
        nodeUid: () => known?.metadata.uid,
        clock,
        logger,
        signal,
      });
      while (!signal.aborted) {
        let delayMs = lookMs;
        try {
          if (known === undefined) await register();
          else await look();
        } catch (error) {
          if (signal.aborted) break;
          if (isApiError(error, 'NotFound')) known = undefined; // someone deleted the Node: it is made again
          logger.debug({ err: error }, 'the node could not report');
          delayMs = firstRetryMs;
        }
        const hurried = new AbortController();
        wake = () => hurried.abort();
        await clock.sleep(delayMs, AbortSignal.any([signal, hurried.signal]));
      }
      await heartbeat;
    },
  };
}

/** A status without what changes all the time. */
function steady(status: NodeStatus): unknown {
  const { conditions = [], addresses, allocatable, capacity, nodeInfo, images = [] } = status;
  return JSON.parse(
    JSON.stringify({
      conditions: conditions
        .filter(({ type }) => type !== 'NetworkUnavailable')
        .map(({ type, status: state, message }) => [type, state, message])
        .sort(),
      addresses,
      allocatable,
      capacity,
      nodeInfo,
      images: images.map(({ names = [] }) => names.join(' ')).sort(),
    }),
  );
}
