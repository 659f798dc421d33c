// Rules of autoscalers.
import { checkPathSegment } from '../../meta/names.ts';
import { invalidValue, required, type FieldError } from '../../schema/field-error.ts';
import { invalidFor } from '../core/rules/checks.ts';
import type { HorizontalPodAutoscaler, HPAScalingRules, MetricSpec } from './horizontal-pod-autoscaler.ts';

/** What both versions of autoscalers say. */
interface AutoscalerBounds {
  readonly maxReplicas: number;
  readonly minReplicas?: number;
  readonly scaleTargetRef: { readonly kind: string; readonly name: string };
}

/** Checks the bounds and the target. */
export function validateAutoscalerBounds({
  maxReplicas,
  minReplicas = 1,
  scaleTargetRef,
}: AutoscalerBounds): FieldError[] {
  const errors: FieldError[] = [];
  if (minReplicas < 1) {
    errors.push(invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  }
  if (maxReplicas < 1) errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (maxReplicas < minReplicas) {
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  for (const field of ['kind', 'name'] as const) {
    const path = `spec.scaleTargetRef.${field}`;
    errors.push(...invalidFor(path, scaleTargetRef[field], checkPathSegment(scaleTargetRef[field])));
  }
  return errors;
}

/** Checks an autoscaler. */
export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  return [
    ...validateAutoscalerBounds(spec),
    ...(spec.metrics ?? []).flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

const sources: Readonly<Record<string, 'containerResource' | 'external' | 'object' | 'pods' | 'resource'>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const field = sources[metric.type];
  if (field === undefined) return [invalidValue(`${path}.type`, metric.type, 'unknown metric type')];
  const source = metric[field];
  if (source === undefined) {
    return [required(`${path}.${field}`, 'must populate information for the given metric source')];
  }
  const { target } = source;
  const amounts = [target.averageUtilization, target.averageValue, target.value].filter(
    (amount) => amount !== undefined,
  );
  if (amounts.length === 0) {
    return [
      required(
        `${path}.${field}.target`,
        'must set either a target raw value, a target average value or a target utilization',
      ),
    ];
  }
  if (target.averageUtilization !== undefined && target.averageUtilization < 1) {
    const at = `${path}.${field}.target.averageUtilization`;
    return [invalidValue(at, target.averageUtilization, 'must be greater than 0')];
  }
  return [];
}

function validateRules(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (rules === undefined) return [];
  const { policies = [], stabilizationWindowSeconds: window = 0 } = rules;
  const errors: FieldError[] = [];
  if (window < 0 || window > 3600) {
    errors.push(invalidValue(`${path}.stabilizationWindowSeconds`, window, 'must be between 0 and 3600, inclusive'));
  }
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  for (const [index, { periodSeconds, value }] of policies.entries()) {
    if (value <= 0) errors.push(invalidValue(`${path}.policies[${index}].value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0 || periodSeconds > 1800) {
      const at = `${path}.policies[${index}].periodSeconds`;
      errors.push(invalidValue(at, periodSeconds, 'must be greater than zero and less than or equal to 1800'));
    }
  }
  return errors;
}
