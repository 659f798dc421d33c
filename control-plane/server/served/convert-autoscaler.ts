// HorizontalPodAutoscaler v1 over the stored v2: v1 knows one metric, CPU utilization; what it cannot say travels in
// the annotations that upstream uses, so that a v1 client's update loses nothing. Pure.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';

interface Metric {
  readonly type?: string;
  readonly resource?: {
    readonly name?: string;
    readonly target?: { readonly type?: string; readonly averageUtilization?: number };
    readonly current?: { readonly averageUtilization?: number };
  };
}

type Loose = Record<string, unknown>;

interface V2 extends KubernetesObject {
  spec: Loose & { metrics?: Metric[]; behavior?: unknown };
  status?: Loose & { currentMetrics?: Metric[]; conditions?: unknown };
}

const carried = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
} as const;

const isCpu = (metric: Metric): boolean => metric.type === 'Resource' && metric.resource?.name === 'cpu';
const isCpuUtilization = (metric: Metric): boolean => isCpu(metric) && metric.resource?.target?.type === 'Utilization';

/** The stored v2 as v1. */
export function convertAutoscalerToV1(object: KubernetesObject): KubernetesObject {
  const { spec, status, metadata } = object as V2;
  const annotations: Record<string, string> = { ...metadata.annotations };
  const keep = (key: keyof typeof carried, value: unknown): void => {
    if (value !== undefined && !(Array.isArray(value) && value.length === 0))
      annotations[carried[key]] = JSON.stringify(value);
  };
  const { metrics = [], behavior, ...rest } = spec;
  const cpu = metrics.find(isCpuUtilization);
  keep(
    'metrics',
    metrics.filter((metric) => metric !== cpu),
  );
  keep('behavior', behavior);
  const v1: Loose = {
    ...object,
    apiVersion: 'autoscaling/v1',
    spec: {
      ...rest,
      ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu.resource?.target?.averageUtilization }),
    },
  };
  if (status !== undefined) {
    const { currentMetrics = [], conditions, ...told } = status;
    const current = currentMetrics.find(isCpu)?.resource?.current?.averageUtilization;
    keep('conditions', conditions);
    keep(
      'currentMetrics',
      currentMetrics.filter((metric) => !isCpu(metric)),
    );
    v1['status'] = { ...told, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) };
  }
  v1['metadata'] = Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations };
  return v1 as unknown as KubernetesObject;
}

/** A v1 object as it is stored. */
export function convertAutoscalerToV2(object: KubernetesObject): KubernetesObject {
  const { spec, status, metadata } = object as V2;
  const annotations: Record<string, string> = { ...metadata.annotations };
  const taken = <T>(key: keyof typeof carried): T | undefined => {
    const text = annotations[carried[key]];
    delete annotations[carried[key]];
    return text === undefined ? undefined : parsed<T>(text);
  };
  const { targetCPUUtilizationPercentage: percentage, ...rest } = spec;
  const cpu: Metric[] =
    typeof percentage === 'number'
      ? [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percentage } },
          },
        ]
      : [];
  const metrics = [...cpu, ...(taken<Metric[]>('metrics') ?? [])];
  const behavior = taken('behavior');
  const v2: Loose = {
    ...object,
    apiVersion: 'autoscaling/v2',
    spec: { ...rest, ...(metrics.length > 0 ? { metrics } : {}), ...(behavior === undefined ? {} : { behavior }) },
  };
  const conditions = taken('conditions');
  const others = taken<Metric[]>('currentMetrics') ?? [];
  if (status !== undefined) {
    const { currentCPUUtilizationPercentage: current, ...told } = status;
    const cpuNow: Metric[] =
      typeof current === 'number'
        ? [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }]
        : [];
    const currentMetrics = [...cpuNow, ...others];
    v2['status'] = {
      ...told,
      ...(currentMetrics.length > 0 ? { currentMetrics } : {}),
      ...(conditions === undefined ? {} : { conditions }),
    };
  }
  v2['metadata'] = { ...metadata, annotations: Object.keys(annotations).length > 0 ? annotations : undefined };
  return v2 as unknown as KubernetesObject;
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
