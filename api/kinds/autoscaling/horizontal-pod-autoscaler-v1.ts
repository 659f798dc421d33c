// HorizontalPodAutoscalerV1: the first version of the autoscaler, which knows of CPU only.
import { define, int32, int64, required, string, time } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { horizontalPodAutoscalerV1Printer } from '../printing/policy-printers.ts';
import { validateAutoscalerBounds } from './autoscaler-rules.ts';

export class CrossVersionObjectReferenceV1 extends define(
  'io.k8s.api.autoscaling.v1.CrossVersionObjectReference',
  {
    apiVersion: string,
    kind: required(string),
    name: required(string),
  },
  { atomic: true },
) {}

export class HorizontalPodAutoscalerSpecV1 extends define(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec',
  {
    maxReplicas: required(int32),
    minReplicas: int32,
    scaleTargetRef: required(CrossVersionObjectReferenceV1),
    targetCPUUtilizationPercentage: int32,
  },
  {
    defaults: { minReplicas: 1 },
  },
) {}

export class HorizontalPodAutoscalerStatusV1 extends define('io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus', {
  currentCPUUtilizationPercentage: int32,
  currentReplicas: required(int32),
  desiredReplicas: required(int32),
  lastScaleTime: time,
  observedGeneration: int64,
}) {}

export class HorizontalPodAutoscalerV1 extends kind('io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler', {
  spec: required(HorizontalPodAutoscalerSpecV1),
  status: HorizontalPodAutoscalerStatusV1,
}) {}

export const horizontalPodAutoscalersV1: ResourceDefinition<HorizontalPodAutoscalerV1> = resource(
  HorizontalPodAutoscalerV1,
  {
    group: 'autoscaling',
    version: 'v1',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    categories: ['all'],
    namespaced: true,
    subresources: { status },
    printer: horizontalPodAutoscalerV1Printer,
    validate: ({ spec }) => validateAutoscalerBounds(spec),
  },
);
