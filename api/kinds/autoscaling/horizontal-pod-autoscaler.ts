// HorizontalPodAutoscaler: changes the number of pods with their load.
import {
  atomicList,
  define,
  int32,
  int64,
  keyedList,
  quantity,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { horizontalPodAutoscalerPrinter } from '../printing/policy-printers.ts';
import { validateAutoscaler } from './autoscaler-rules.ts';

export class MetricTarget extends define('io.k8s.api.autoscaling.v2.MetricTarget', {
  averageUtilization: int32,
  averageValue: quantity,
  type: required(string),
  value: quantity,
}) {}

export class ContainerResourceMetricSource extends define('io.k8s.api.autoscaling.v2.ContainerResourceMetricSource', {
  container: required(string),
  name: required(string),
  target: required(MetricTarget),
}) {}

export class MetricValueStatus extends define('io.k8s.api.autoscaling.v2.MetricValueStatus', {
  averageUtilization: int32,
  averageValue: quantity,
  value: quantity,
}) {}

export class ContainerResourceMetricStatus extends define('io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus', {
  container: required(string),
  current: required(MetricValueStatus),
  name: required(string),
}) {}

export class CrossVersionObjectReference extends define('io.k8s.api.autoscaling.v2.CrossVersionObjectReference', {
  apiVersion: string,
  kind: required(string),
  name: required(string),
}) {}

export class MetricIdentifier extends define('io.k8s.api.autoscaling.v2.MetricIdentifier', {
  name: required(string),
  selector: LabelSelector,
}) {}

export class ExternalMetricSource extends define('io.k8s.api.autoscaling.v2.ExternalMetricSource', {
  metric: required(MetricIdentifier),
  target: required(MetricTarget),
}) {}

export class ExternalMetricStatus extends define('io.k8s.api.autoscaling.v2.ExternalMetricStatus', {
  current: required(MetricValueStatus),
  metric: required(MetricIdentifier),
}) {}

export class HPAScalingPolicy extends define('io.k8s.api.autoscaling.v2.HPAScalingPolicy', {
  periodSeconds: required(int32),
  type: required(string),
  value: required(int32),
}) {}

export class HPAScalingRules extends define('io.k8s.api.autoscaling.v2.HPAScalingRules', {
  policies: atomicList(HPAScalingPolicy),
  selectPolicy: string,
  stabilizationWindowSeconds: int32,
  tolerance: quantity,
}) {}

export class HorizontalPodAutoscalerBehavior extends define(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior',
  {
    scaleDown: HPAScalingRules,
    scaleUp: HPAScalingRules,
  },
  {
    fill(behavior) {
      // What is given replaces the default rule by rule, as upstream does.
      behavior.scaleUp = {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
        ...behavior.scaleUp,
      };
      behavior.scaleDown = {
        selectPolicy: 'Max',
        policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
        ...behavior.scaleDown,
      };
    },
  },
) {}

export class ObjectMetricSource extends define('io.k8s.api.autoscaling.v2.ObjectMetricSource', {
  describedObject: required(CrossVersionObjectReference),
  metric: required(MetricIdentifier),
  target: required(MetricTarget),
}) {}

export class PodsMetricSource extends define('io.k8s.api.autoscaling.v2.PodsMetricSource', {
  metric: required(MetricIdentifier),
  target: required(MetricTarget),
}) {}

export class ResourceMetricSource extends define('io.k8s.api.autoscaling.v2.ResourceMetricSource', {
  name: required(string),
  target: required(MetricTarget),
}) {}

export class MetricSpec extends define('io.k8s.api.autoscaling.v2.MetricSpec', {
  containerResource: ContainerResourceMetricSource,
  external: ExternalMetricSource,
  object: ObjectMetricSource,
  pods: PodsMetricSource,
  resource: ResourceMetricSource,
  type: required(string),
}) {}

export class HorizontalPodAutoscalerSpec extends define(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec',
  {
    behavior: HorizontalPodAutoscalerBehavior,
    maxReplicas: required(int32),
    metrics: atomicList(MetricSpec),
    minReplicas: int32,
    scaleTargetRef: required(CrossVersionObjectReference),
  },
  {
    defaults: {
      minReplicas: 1,
      metrics: () => [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    },
  },
) {}

export class HorizontalPodAutoscalerCondition extends define(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition',
  {
    lastTransitionTime: time,
    message: string,
    reason: string,
    status: required(string),
    type: required(string),
  },
) {}

export class ObjectMetricStatus extends define('io.k8s.api.autoscaling.v2.ObjectMetricStatus', {
  current: required(MetricValueStatus),
  describedObject: required(CrossVersionObjectReference),
  metric: required(MetricIdentifier),
}) {}

export class PodsMetricStatus extends define('io.k8s.api.autoscaling.v2.PodsMetricStatus', {
  current: required(MetricValueStatus),
  metric: required(MetricIdentifier),
}) {}

export class ResourceMetricStatus extends define('io.k8s.api.autoscaling.v2.ResourceMetricStatus', {
  current: required(MetricValueStatus),
  name: required(string),
}) {}

export class MetricStatus extends define('io.k8s.api.autoscaling.v2.MetricStatus', {
  containerResource: ContainerResourceMetricStatus,
  external: ExternalMetricStatus,
  object: ObjectMetricStatus,
  pods: PodsMetricStatus,
  resource: ResourceMetricStatus,
  type: required(string),
}) {}

export class HorizontalPodAutoscalerStatus extends define('io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus', {
  conditions: keyedList(HorizontalPodAutoscalerCondition, 'type'),
  currentMetrics: atomicList(MetricStatus),
  currentReplicas: int32,
  desiredReplicas: required(int32),
  lastScaleTime: time,
  observedGeneration: int64,
}) {}

export class HorizontalPodAutoscaler extends kind('io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler', {
  spec: required(HorizontalPodAutoscalerSpec),
  status: HorizontalPodAutoscalerStatus,
}) {}

export const horizontalPodAutoscalers: ResourceDefinition<HorizontalPodAutoscaler> = resource(HorizontalPodAutoscaler, {
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  subresources: { status },
  printer: horizontalPodAutoscalerPrinter,
  validate: validateAutoscaler,
});
