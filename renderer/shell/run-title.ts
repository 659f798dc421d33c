// What a run is doing, in a sentence.
import type { RunSummary } from '../../api/console/index.ts';

/** The locale key of a run's title; its value is the cluster's name. */
export function runTitle(kind: RunSummary['kind'] | undefined): string {
  if (kind === 'deprovision') return 'build.run.deprovisioning';
  return kind === undefined || kind === 'provision' ? 'build.run.building' : `runs.${kind}`;
}
