// A HorizontalPodAutoscaler as the console's form shows it, and back. Pure.
import type { AutoscalerSettings, AutoscalerView, ScaledWorkload } from '../../../api/console/index.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricSpec,
} from '../../../api/kinds/autoscaling/index.ts';
import { timeOf } from '../projections/read.ts';

/** What a cluster takes when nobody says otherwise. */
const usualQuietSeconds = 300;

/** Whether an autoscaler is about this workload. */
export function isAbout({ metadata, spec }: Readonly<HorizontalPodAutoscaler>, workload: ScaledWorkload): boolean {
  const { kind, name } = spec.scaleTargetRef;
  return metadata.namespace === workload.namespace && kind === workload.kind && name === workload.name;
}

const isShare = ({ type, resource }: MetricSpec, name: 'cpu' | 'memory'): boolean =>
  type === 'Resource' && resource?.name === name && resource.target.averageUtilization !== undefined;
const isInForm = (metric: MetricSpec): boolean => isShare(metric, 'cpu') || isShare(metric, 'memory');

/** What the form shows of it. */
export function autoscalerView({ metadata, spec, status }: Readonly<HorizontalPodAutoscaler>): AutoscalerView {
  const { metrics = [] } = spec;
  const share = (name: 'cpu' | 'memory'): number | undefined =>
    metrics.find((metric) => isShare(metric, name))?.resource?.target.averageUtilization;
  const now = (name: string): number | undefined =>
    status?.currentMetrics?.find(({ resource }) => resource?.name === name)?.resource?.current.averageUtilization;
  const sentence = (type: string, bad: string): string | undefined =>
    status?.conditions?.find((condition) => condition.type === type && condition.status === bad)?.message;
  return {
    name: metadata.name,
    settings: {
      least: spec.minReplicas ?? 1,
      most: spec.maxReplicas,
      cpuPercent: share('cpu'),
      memoryPercent: share('memory'),
      quietSeconds: spec.behavior?.scaleDown?.stabilizationWindowSeconds ?? usualQuietSeconds,
    },
    otherMetrics: metrics.filter((metric) => !isInForm(metric)).map(nameOf),
    current: status?.currentReplicas ?? 0,
    desired: status?.desiredReplicas ?? 0,
    cpuPercent: now('cpu'),
    memoryPercent: now('memory'),
    lastScaleAt: timeOf(status?.lastScaleTime),
    problem: sentence('AbleToScale', 'False') ?? sentence('ScalingActive', 'False'),
    limit: sentence('ScalingLimited', 'True'),
  };
}

function nameOf({ type, resource, containerResource, pods, object, external }: MetricSpec): string {
  const name =
    resource?.name ?? containerResource?.name ?? pods?.metric.name ?? object?.metric.name ?? external?.metric.name;
  return name === undefined ? type : `${type} ${name}`;
}

/** The spec that the form stands for; what it does not show stays as it was before. */
export function autoscalerSpec(
  { kind, name }: ScaledWorkload,
  settings: AutoscalerSettings,
  before?: Readonly<HorizontalPodAutoscalerSpec>,
): HorizontalPodAutoscalerSpec {
  const share = (resource: 'cpu' | 'memory', percent: number | undefined): MetricSpec[] =>
    percent === undefined
      ? []
      : [
          {
            type: 'Resource',
            resource: { name: resource, target: { type: 'Utilization', averageUtilization: percent } },
          },
        ];
  const { quietSeconds } = settings;
  const scaleDown = { ...before?.behavior?.scaleDown, stabilizationWindowSeconds: quietSeconds };
  const isUsual = before?.behavior === undefined && quietSeconds === usualQuietSeconds;
  return {
    ...before,
    scaleTargetRef: before?.scaleTargetRef ?? { apiVersion: 'apps/v1', kind, name },
    minReplicas: settings.least,
    maxReplicas: settings.most,
    metrics: [
      ...share('cpu', settings.cpuPercent),
      ...share('memory', settings.memoryPercent),
      ...(before?.metrics ?? []).filter((metric) => !isInForm(metric)),
    ],
    ...(!isUsual && { behavior: { ...before?.behavior, scaleDown } }),
  };
}
