// Table rows of scaling, disruption, priority, leases and devices.
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  MetricSpec,
  MetricStatus,
} from '../autoscaling/index.ts';
import type { Lease } from '../coordination/index.ts';
import type { RuntimeClass } from '../node/index.ts';
import type { PodDisruptionBudget } from '../policy/index.ts';
import type { ResourceClaim, ResourceSlice } from '../resource/index.ts';
import type { PriorityClass } from '../scheduling/index.ts';
import { age, name, printer, shorten, text, typed, type Printer } from './printer.ts';

export const leasePrinter: Printer<Lease> = printer<Lease>(
  name,
  text('Holder', ({ spec }) => spec.holderIdentity ?? ''),
  age,
);

export const runtimeClassPrinter: Printer<RuntimeClass> = printer<RuntimeClass>(
  name,
  text('Handler', ({ handler }) => handler),
  age,
);

export const priorityClassPrinter: Printer<PriorityClass> = printer<PriorityClass>(
  name,
  typed('integer', 'Value', ({ value }) => value ?? 0),
  typed('boolean', 'Global-Default', ({ globalDefault }) => globalDefault ?? false),
  age,
  text('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
);

export const podDisruptionBudgetPrinter: Printer<PodDisruptionBudget> = printer<PodDisruptionBudget>(
  name,
  text('Min Available', ({ spec }) => String(spec.minAvailable ?? 'N/A')),
  text('Max Unavailable', ({ spec }) => String(spec.maxUnavailable ?? 'N/A')),
  typed('integer', 'Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
  age,
);

export const horizontalPodAutoscalerPrinter: Printer<HorizontalPodAutoscaler> = printer<HorizontalPodAutoscaler>(
  name,
  text('Reference', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
  text('Targets', metricTargets),
  text('MinPods', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
  text('MaxPods', ({ spec }) => spec.maxReplicas),
  text('Replicas', ({ status }) => status?.currentReplicas ?? 0),
  age,
);

export const horizontalPodAutoscalerV1Printer: Printer<HorizontalPodAutoscalerV1> = printer<HorizontalPodAutoscalerV1>(
  name,
  text('Reference', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
  text('Targets', ({ spec, status }) => {
    const target = spec.targetCPUUtilizationPercentage;
    if (target === undefined) return '<none>';
    const current = status?.currentCPUUtilizationPercentage;
    return `cpu: ${current === undefined ? '<unknown>' : `${current}%`}/${target}%`;
  }),
  text('MinPods', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
  text('MaxPods', ({ spec }) => spec.maxReplicas),
  text('Replicas', ({ status }) => status?.currentReplicas ?? 0),
  age,
);

function metricTargets({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  const shown = metrics.map((metric, index) => formatMetric(metric, status?.currentMetrics?.[index]));
  if (shown.length > 2) return `${shown.slice(0, 2).join(', ')} + ${shown.length - 2} more...`;
  return shown.length === 0 ? '<none>' : shown.join(', ');
}

function formatMetric(metric: MetricSpec, current: MetricStatus | undefined): string {
  const source = metric.resource ?? metric.containerResource;
  const now = (current?.resource ?? current?.containerResource)?.current;
  if (source !== undefined) {
    const { averageUtilization, averageValue } = source.target;
    if (averageValue !== undefined) return `${source.name}: ${now?.averageValue ?? '<unknown>'}/${averageValue}`;
    const used = now?.averageUtilization === undefined ? '<unknown>' : `${now.averageUtilization}%`;
    return `${source.name}: ${used}/${averageUtilization === undefined ? '<auto>' : `${averageUtilization}%`}`;
  }
  const other = metric.external ?? metric.object ?? metric.pods;
  const seen = (current?.external ?? current?.object ?? current?.pods)?.current;
  if (other === undefined) return '<unknown type>';
  if (other.target.averageValue !== undefined) {
    const suffix = metric.pods === undefined ? ' (avg)' : '';
    return `${seen?.averageValue ?? '<unknown>'}/${other.target.averageValue}${suffix}`;
  }
  return `${seen?.value ?? '<unknown>'}/${other.target.value ?? '<unknown>'}`;
}

export const resourceClaimPrinter: Printer<ResourceClaim> = printer<ResourceClaim>(
  name,
  text('State', ({ metadata, status }) => {
    const states: string[] = [];
    if (metadata.deletionTimestamp !== undefined) states.push('deleted');
    if (status?.allocation === undefined) return [...states, 'pending'].join(',');
    states.push('allocated');
    if ((status.reservedFor ?? []).length > 0) states.push('reserved');
    return shorten(states, 3);
  }),
  age,
);

export const resourceSlicePrinter: Printer<ResourceSlice> = printer<ResourceSlice>(
  name,
  text('Node', ({ spec }) => spec.nodeName ?? (spec.allNodes === true ? '<all>' : '<selected>')),
  text('Driver', ({ spec }) => spec.driver),
  text('Pool', ({ spec }) => spec.pool.name),
  age,
);
