// Which steps of the first hour are done. Pure: every tick comes from a fact of the cluster or of the record of changes,
// none from a click on the list itself.
import { guideSteps, type ChangeView, type DeploymentRow, type GuideStep } from '../../../api/console/index.ts';
import type { GuideView, NodeRow } from '../../../api/console/index.ts';
import type { Service } from '../../../api/kinds/core/index.ts';

export interface GuideFacts {
  readonly nodes: readonly NodeRow[];
  readonly deployments: readonly DeploymentRow[];
  readonly services: readonly Service[];
  readonly changes: readonly ChangeView[];
  /** Absent where the console did not build the cluster and so cannot see to it. */
  readonly upkeep?: { readonly hasSchedule: boolean; readonly hasReceiver: boolean };
  readonly nowMs: number;
}

const freshMs = 7 * 86_400_000;
const own = (namespace: string | undefined): boolean => namespace !== undefined && !namespace.startsWith('kube-');

/** A Service that somebody made for pods of theirs. */
function leadsSomewhere({ metadata, spec }: Service): boolean {
  return own(metadata.namespace) && Object.keys(spec.selector ?? {}).length > 0;
}

/** The guide of a cluster as of `nowMs`. */
export function guideOf({ nodes, deployments, services, changes, upkeep, nowMs }: GuideFacts): GuideView {
  const oldest = Math.min(...nodes.map(({ createdAt }) => createdAt));
  const done: Readonly<Record<GuideStep, boolean | undefined>> = {
    machines: nodes.length > 0 && nodes.every(({ state }) => state === 'ready'),
    deployment: deployments.some(({ namespace, ready }) => own(namespace) && ready > 0),
    address: services.some(leadsSomewhere),
    change: changes.some(({ action, object, undoes }) => {
      return action === 'update' && object.kind === 'Deployment' && undoes === undefined;
    }),
    undo: changes.some(({ undoes, verb }) => undoes !== undefined || verb === 'rollback'),
    backups: upkeep?.hasSchedule,
    alerts: upkeep?.hasReceiver,
  };
  return {
    isFresh: nodes.length > 0 && nowMs - oldest < freshMs,
    steps: guideSteps.flatMap((id) => {
      const isDone = done[id];
      return isDone === undefined ? [] : [{ id, isDone }];
    }),
  };
}
