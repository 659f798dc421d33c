// The API group pilothouse.io/v1: which extension answers which resource.
import type { JournalReader } from '../journal/journal-reader.ts';
import type { ApiExtension } from '../server/options.ts';
import { serveHistory } from './history.ts';
import type { PlacementExtension } from './placement.ts';

/** The group; without a journal there is no history. */
export function createPilothouseGroup(placement: PlacementExtension, journal: JournalReader | undefined): ApiExtension {
  return {
    ...placement,
    // What clients may look for; questions about one pod are subresources of names that other groups own.
    resources: [
      { name: 'simulations', singularName: 'simulation', namespaced: false, kind: 'Simulation', verbs: ['create'] },
      ...(journal === undefined
        ? []
        : [{ name: 'history', singularName: 'history', namespaced: false, kind: 'History', verbs: ['get'] }]),
    ],
    async serve(request) {
      if (request.info.resource === 'history') return { code: 200, body: await serveHistory(journal, request) };
      return placement.serve(request);
    },
  };
}
