// The drills of each cluster: those under way, live, and the newest that are over, in `drills.json` beside the kubeconfig.
// Guarantees: a drill is on disk before anything is broken; one that its console did not end is told as `cut`.
import { join } from 'node:path';
import { z } from 'zod';
import type { DrillView } from '../../../api/console/index.ts';
import type { Unsubscribe } from '../contract.ts';
import { readJsonFile, writeJsonFile } from '../state/json-file.ts';

export interface DrillLog {
  /** Newest first. */
  list(clusterId: string): Promise<readonly DrillView[]>;
  /** Puts a drill in the place of the one with its id; on disk when it begins and when it ends. */
  put(clusterId: string, drill: DrillView): Promise<void>;
  onDidChange(listener: (clusterId: string) => void): Unsubscribe;
}

const mostKept = 100;
const file = z.array(z.object({ id: z.string(), state: z.string() }).loose());

/** The drills of a console home. */
export function createDrillLog(home: string): DrillLog {
  const listeners = new Set<(clusterId: string) => void>();
  const loaded = new Map<string, Promise<DrillView[]>>();
  const pathOf = (clusterId: string): string => join(home, 'clusters', clusterId, 'drills.json');
  const load = async (clusterId: string): Promise<DrillView[]> => {
    const kept = (await readJsonFile(pathOf(clusterId), file, [])) as unknown as DrillView[];
    return kept.map((drill) => (drill.state === 'running' ? { ...drill, state: 'cut' } : drill));
  };
  const drillsOf = (clusterId: string): Promise<DrillView[]> => {
    const known = loaded.get(clusterId) ?? load(clusterId);
    loaded.set(clusterId, known);
    return known;
  };
  return {
    list: drillsOf,
    async put(clusterId, drill) {
      const drills = await drillsOf(clusterId);
      const at = drills.findIndex(({ id }) => id === drill.id);
      const before = drills[at];
      if (before === undefined) drills.unshift(drill);
      else drills[at] = drill;
      drills.splice(mostKept);
      for (const listener of [...listeners]) listener(clusterId);
      if (before?.state !== drill.state) await writeJsonFile(pathOf(clusterId), drills);
    },
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
