// Table rows of workloads.
import type { KubernetesObject } from '../../meta/object-meta.ts';
import { formatAge, parseTime } from '../../meta/time.ts';
import type { ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../apps/index.ts';
import type { CronJob, Job } from '../batch/index.ts';
import type { ReplicationController } from '../core/replication-controller.ts';
import { containerCells, selectorCell } from './pod-printer.ts';
import {
  age,
  formatLabels,
  name,
  orNone,
  printer,
  since,
  text,
  typed,
  wide,
  type Cell,
  type Printer,
} from './printer.ts';

function count<T extends KubernetesObject>(title: string, fill: (object: T) => number | undefined): Cell<T> {
  return typed('integer', title, (object) => fill(object) ?? 0);
}

export const deploymentPrinter: Printer<Deployment> = printer<Deployment>(
  name,
  text('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
  text('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
  text('Available', ({ status }) => status?.availableReplicas ?? 0),
  age,
  ...containerCells<Deployment>(({ spec }) => spec.template.spec).map(wide),
  wide(selectorCell<Deployment>(({ spec }) => spec.selector)),
);

export const replicaSetPrinter: Printer<ReplicaSet> = printer<ReplicaSet>(
  name,
  count('Desired', ({ spec }) => spec.replicas),
  count('Current', ({ status }) => status?.replicas),
  count('Ready', ({ status }) => status?.readyReplicas),
  age,
  ...containerCells<ReplicaSet>(({ spec }) => spec.template.spec).map(wide),
  wide(selectorCell<ReplicaSet>(({ spec }) => spec.selector)),
);

export const replicationControllerPrinter: Printer<ReplicationController> = printer<ReplicationController>(
  name,
  count('Desired', ({ spec }) => spec.replicas),
  count('Current', ({ status }) => status?.replicas),
  count('Ready', ({ status }) => status?.readyReplicas),
  age,
  ...containerCells<ReplicationController>(({ spec }) => spec.template?.spec).map(wide),
  wide(text('Selector', ({ spec }) => formatLabels(spec.selector))),
);

export const statefulSetPrinter: Printer<StatefulSet> = printer<StatefulSet>(
  name,
  text('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
  age,
  ...containerCells<StatefulSet>(({ spec }) => spec.template.spec).map(wide),
);

export const daemonSetPrinter: Printer<DaemonSet> = printer<DaemonSet>(
  name,
  count('Desired', ({ status }) => status?.desiredNumberScheduled),
  count('Current', ({ status }) => status?.currentNumberScheduled),
  count('Ready', ({ status }) => status?.numberReady),
  count('Up-to-date', ({ status }) => status?.updatedNumberScheduled),
  count('Available', ({ status }) => status?.numberAvailable),
  text('Node Selector', ({ spec }) => formatLabels(spec.template.spec.nodeSelector)),
  age,
  ...containerCells<DaemonSet>(({ spec }) => spec.template.spec).map(wide),
  wide(selectorCell<DaemonSet>(({ spec }) => spec.selector)),
);

export const controllerRevisionPrinter: Printer<ControllerRevision> = printer<ControllerRevision>(
  name,
  text('Controller', ({ metadata }) => {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner === undefined) return '<none>';
    const slash = owner.apiVersion.indexOf('/');
    const group = slash < 0 ? '' : `.${owner.apiVersion.slice(0, slash)}`;
    return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
  }),
  text('Revision', ({ revision }) => revision),
  age,
);

export const jobPrinter: Printer<Job> = printer<Job>(
  name,
  text('Status', jobStatus),
  text('Completions', jobCompletions),
  text('Duration', jobDuration),
  age,
  ...containerCells<Job>(({ spec }) => spec.template.spec).map(wide),
  wide(selectorCell<Job>(({ spec }) => spec.selector)),
);

function jobStatus({ metadata, status }: Job): string {
  const has = (wanted: string): boolean =>
    status?.conditions?.some(({ type, status: value }) => type === wanted && value === 'True') ?? false;
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  return has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobCompletions({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function jobDuration({ status }: Job, nowMs: number): string {
  const start = parseTime(status?.startTime ?? '');
  if (start === undefined) return '';
  return formatAge((parseTime(status?.completionTime ?? '') ?? nowMs) - start);
}

export const cronJobPrinter: Printer<CronJob> = printer<CronJob>(
  name,
  text('Schedule', ({ spec }) => spec.schedule),
  text('Timezone', ({ spec }) => orNone(spec.timeZone)),
  typed('boolean', 'Suspend', ({ spec }) => (spec.suspend === true ? 'True' : 'False')),
  count('Active', ({ status }) => status?.active?.length),
  text('Last Schedule', ({ status }, nowMs) =>
    status?.lastScheduleTime === undefined ? '<none>' : since(status.lastScheduleTime, nowMs),
  ),
  age,
  ...containerCells<CronJob>(({ spec }) => spec.jobTemplate.spec.template.spec).map(wide),
  wide(selectorCell<CronJob>(({ spec }) => spec.jobTemplate.spec.selector)),
);
