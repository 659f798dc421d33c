// Scheduler and controllers of this process: each campaigns for its own Lease and works only while it leads. They share
// one set of informers, which starts with the first leadership and then stays, so that a next term begins warm.
import type { Clock } from '../machinery/clock.ts';
import { createInformerFactory } from '../machinery/informer.ts';
import type { InformerFactory } from '../machinery/informer.ts';
import { runLeaderElection } from '../machinery/leader-election.ts';
import type { Fence } from '../machinery/leader-election.ts';
import type { RestClient } from '../machinery/rest-client.ts';
import type { Logger } from '../machinery/logger.ts';
import type { KubernetesObject } from '../api/meta/object-meta.ts';
import type { Connect } from './client-access.ts';
import { fenceHeaders } from './fencing.ts';
import { runControllers } from './controllers/index.ts';
import type { ControllerSettings } from './controllers/context.ts';
import { defaultConfiguration } from './scheduler/profile.ts';
import type { SchedulerConfiguration } from './scheduler/profile.ts';
import { runScheduler } from './scheduler/scheduler.ts';

export interface LeadersOptions {
  readonly components: readonly ('scheduler' | 'controllers')[];
  /** Who campaigns: the same after a restart, so that the leases are taken again at once. */
  readonly identity: string;
  readonly connect: Connect;
  readonly settings: ControllerSettings;
  readonly schedulerConfiguration?: SchedulerConfiguration;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Campaigns and leads until the signal aborts. */
export async function runLeaders(options: LeadersOptions): Promise<void> {
  const { components, identity, connect, settings, clock, logger, signal } = options;
  const { profiles, ...backoff } = options.schedulerConfiguration ?? defaultConfiguration;
  const client = connect('pilothouse-control-plane');
  const informers = createInformerFactory(client, { clock, logger, transform: dropManagedFields });
  const startInformers = startOnce(informers, signal);

  const work = {
    scheduler: (writer: RestClient, term: AbortSignal, log: Logger): Promise<void> =>
      runScheduler({ client: writer, informers, clock, logger: log, signal: term, profiles, backoff }),
    controllers: (writer: RestClient, term: AbortSignal, log: Logger): Promise<void> =>
      runControllers({ client: writer, informers, clock, logger: log, signal: term, options: settings }),
  };
  const leases = { scheduler: 'kube-scheduler', controllers: 'kube-controller-manager' };

  try {
    await Promise.all(
      components.map((component) => {
        const log = logger.child({ part: component });
        const lead = async (term: AbortSignal, fence: () => Fence): Promise<void> => {
          startInformers();
          const writer = connect(`pilothouse-${component}`, () => fenceHeaders(fence()));
          try {
            await work[component](writer, term, log);
          } finally {
            writer.close();
          }
        };
        return runLeaderElection({
          client,
          namespace: 'kube-system',
          name: leases[component],
          identity,
          lead,
          signal,
          clock,
          logger: log,
        });
      }),
    );
  } finally {
    client.close();
  }
}

function startOnce(informers: InformerFactory, signal: AbortSignal): () => void {
  let running: Promise<void> | undefined;
  return () => {
    running ??= informers.run(signal);
  };
}

/** managedFields are half of many objects, and nobody here reads them. */
function dropManagedFields(object: KubernetesObject): KubernetesObject {
  delete object.metadata.managedFields;
  return object;
}
