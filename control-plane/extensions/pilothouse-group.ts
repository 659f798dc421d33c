// The API group pilothouse.io/v1: which extension answers which resource.
import type { JournalReader } from '../journal/journal-reader.ts';
import type { ApiExtension } from '../server/options.ts';
import { badRequest } from '../../api/meta/status.ts';
import type { UsageReader } from '../usage/usage-reader.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { serveAutoscalerReplay } from './autoscaler-replay.ts';
import { serveHistory } from './history.ts';
import type { PlacementExtension } from './placement.ts';
import { serveUsage } from './usage.ts';

/** What is kept of the past. */
export interface PastRecords {
  readonly journal: JournalReader;
  readonly usage: UsageReader;
  /** Opens a client that may read workloads and try autoscalers, when the first replay is asked for. */
  readonly connect: () => RestClient;
}

/** The group; without records of the past there is no history and no usage. */
export function createPilothouseGroup(placement: PlacementExtension, past: PastRecords | undefined): ApiExtension {
  let connected: RestClient | undefined;
  const client = ({ connect }: PastRecords): RestClient => (connected ??= connect());
  return {
    ...placement,
    // What clients may look for; questions about one pod are subresources of names that other groups own.
    resources: [
      { name: 'simulations', singularName: 'simulation', namespaced: false, kind: 'Simulation', verbs: ['create'] },
      ...(past === undefined
        ? []
        : [
            { name: 'history', singularName: 'history', namespaced: false, kind: 'History', verbs: ['get'] },
            { name: 'usage', singularName: 'usage', namespaced: true, kind: 'Usage', verbs: ['list'] },
            {
              name: 'autoscalerreplays',
              singularName: 'autoscalerreplay',
              namespaced: true,
              kind: 'AutoscalerReplay',
              verbs: ['create'],
            },
          ]),
    ],
    async serve(request) {
      const { resource, verb } = request.info;
      if (resource === 'history') return { code: 200, body: await serveHistory(past?.journal, request) };
      if (resource === 'usage' && past !== undefined) {
        if (verb !== 'list') throw badRequest('usage is asked for with GET, and what is wanted as parameters');
        return { code: 200, body: await serveUsage(past.usage, request, Date.now()) };
      }
      if (resource === 'autoscalerreplays' && verb === 'create' && past !== undefined) {
        return { code: 201, body: await serveAutoscalerReplay(past.usage, client(past), request, Date.now()) };
      }
      return placement.serve(request);
    },
  };
}
