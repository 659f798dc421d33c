// Rules of deployments, replica sets, daemon sets and stateful sets, beyond what all workloads share.
import { forbiddenField, invalidValue, required, type FieldError } from '../../../schema/field-error.ts';
import { sameJson } from '../../../schema/json-value.ts';
import { nonNegative } from '../../core/rules/checks.ts';
import type { DaemonSet } from '../daemon-set.ts';
import type { Deployment } from '../deployment.ts';
import type { StatefulSet, StatefulSetSpec } from '../stateful-set.ts';
import { checkShare, checkShareOfAll, isNothing, validateWorkload } from './workload-rules.ts';

/** Checks a deployment: its pace must let it move at all. */
export function validateDeployment({ spec }: Deployment): FieldError[] {
  const { minReadySeconds = 0, progressDeadlineSeconds, strategy } = spec;
  const errors = validateWorkload(spec, 'deployment');
  const path = 'spec.strategy.rollingUpdate';
  const rolling = strategy?.rollingUpdate;
  if (strategy?.type === 'Recreate' && rolling !== undefined) {
    errors.push(forbiddenField(path, "may not be specified when strategy `type` is 'Recreate'"));
  } else if (rolling !== undefined) {
    errors.push(...checkShare(`${path}.maxSurge`, rolling.maxSurge));
    errors.push(...checkShare(`${path}.maxUnavailable`, rolling.maxUnavailable));
    errors.push(...checkShareOfAll(`${path}.maxUnavailable`, rolling.maxUnavailable));
    if (isNothing(rolling.maxSurge) && isNothing(rolling.maxUnavailable)) {
      errors.push(invalidValue(`${path}.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
    }
  }
  errors.push(...nonNegative('spec.progressDeadlineSeconds', progressDeadlineSeconds));
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    const detail = 'must be greater than minReadySeconds';
    errors.push(invalidValue('spec.progressDeadlineSeconds', progressDeadlineSeconds, detail));
  }
  return errors;
}

/** Checks a daemon set. */
export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const errors = validateWorkload(spec, 'daemonset');
  const rolling = spec.updateStrategy?.rollingUpdate;
  if (spec.updateStrategy?.type !== 'RollingUpdate' || rolling === undefined) return errors;
  const path = 'spec.updateStrategy.rollingUpdate';
  errors.push(...checkShare(`${path}.maxSurge`, rolling.maxSurge));
  errors.push(...checkShare(`${path}.maxUnavailable`, rolling.maxUnavailable));
  const [surges, yields] = [!isNothing(rolling.maxSurge), !isNothing(rolling.maxUnavailable)];
  if (surges && yields) {
    errors.push(invalidValue(`${path}.maxSurge`, rolling.maxSurge, 'may not be set when maxUnavailable is non-zero'));
  } else if (!surges && !yields) {
    errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  }
  return errors;
}

/** Checks a stateful set. */
export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const path = 'spec.updateStrategy.rollingUpdate';
  const { rollingUpdate, type } = spec.updateStrategy ?? {};
  const errors = validateWorkload(spec, 'statefulset');
  if (type === 'OnDelete' && rollingUpdate !== undefined) {
    errors.push(invalidValue(path, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
  }
  errors.push(...nonNegative(`${path}.partition`, rollingUpdate?.partition));
  return [...errors, ...nonNegative('spec.ordinals.start', spec.ordinals?.start)];
}

const changeable: readonly (keyof StatefulSetSpec)[] = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** Checks an update of a stateful set: identity and storage stay. */
export function validateStatefulSetUpdate(next: StatefulSet, previous: StatefulSet): FieldError[] {
  const rest = (spec: StatefulSetSpec): object =>
    Object.fromEntries(Object.entries(spec).filter(([key]) => !changeable.includes(key as keyof StatefulSetSpec)));
  if (sameJson(rest(next.spec), rest(previous.spec))) return [];
  const fields = changeable.map((field) => `'${field}'`);
  const list = `${fields.slice(0, -1).join(', ')} and ${fields.at(-1)}`;
  return [forbiddenField('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)];
}
