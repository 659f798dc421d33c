// What an upgrade would do, asked before it is begun: which machines change, in which order, and what speaks against it.
// Reads only; the upgrade itself asks everything anew.
import type { ClusterSpec, ProvisionOptions } from '../contract.ts';
import { clusterPaths } from '../paths.ts';
import { requirePreflight } from '../preflight/preflight.ts';
import { withMachine } from '../transport/with-machine.ts';
import { healthProblems } from './health.ts';
import { currentVersion } from './installed.ts';
import { inOrder, wantedVersions } from './upgrade-cluster.ts';
import { tooFar } from './version-skew.ts';

export interface UpgradePlan {
  /** The version that machines would run. */
  readonly version: string;
  /** In the order of change; `isDue` when it runs another version. */
  readonly machines: readonly {
    readonly name: string;
    readonly isMaster: boolean;
    readonly version: string;
    readonly isDue: boolean;
  }[];
  /** Machines whose version may not meet the new one. */
  readonly tooFar: readonly string[];
  /** What is not well now. */
  readonly problems: readonly string[];
}

/** Throws ProvisioningError `Preflight` when a machine cannot be reached or does not suit. */
export async function planUpgrade(spec: ClusterSpec, options: ProvisionOptions = {}): Promise<UpgradePlan> {
  const signal = options.signal ?? new AbortController().signal;
  const facts = await requirePreflight(spec, options);
  const [wanted, present, problems] = await Promise.all([
    wantedVersions(spec, facts, options, signal),
    Promise.all(
      spec.machines.map(
        async (machine) => [machine.name, await withMachine(spec, machine, options, currentVersion)] as const,
      ),
    ).then((versions) => new Map(versions)),
    healthProblems({ spec, paths: clusterPaths(spec.name, options.home) }, signal),
  ]);
  const version = [...wanted.values()][0] ?? '';
  return {
    version,
    machines: inOrder(spec).map(({ name, role }) => ({
      name,
      isMaster: role !== 'node',
      version: present.get(name) ?? '',
      isDue: present.get(name) !== wanted.get(name),
    })),
    tooFar: tooFar(version, present).map(({ machine }) => machine),
    problems,
  };
}
