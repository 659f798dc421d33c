// PodDisruptionBudget: how many pods of a set may be taken away at once on purpose.
import {
  define,
  int32,
  int64,
  intOrString,
  keyedList,
  map,
  oneOf,
  patched,
  present,
  time,
} from '../../schema/vocabulary.ts';
import { Condition } from '../meta/condition.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { podDisruptionBudgetPrinter } from '../printing/policy-printers.ts';
import { validateDisruptionBudget } from './disruption-budget-rules.ts';

export class PodDisruptionBudgetSpec extends define('io.k8s.api.policy.v1.PodDisruptionBudgetSpec', {
  maxUnavailable: intOrString,
  minAvailable: intOrString,
  selector: patched(LabelSelector, 'replace'),
  unhealthyPodEvictionPolicy: oneOf('AlwaysAllow', 'IfHealthyBudget'),
}) {}

export class PodDisruptionBudgetStatus extends define('io.k8s.api.policy.v1.PodDisruptionBudgetStatus', {
  conditions: keyedList(Condition, 'type'),
  currentHealthy: int32,
  desiredHealthy: int32,
  disruptedPods: map(time),
  disruptionsAllowed: int32,
  expectedPods: int32,
  observedGeneration: int64,
}) {}

export class PodDisruptionBudget extends kind('io.k8s.api.policy.v1.PodDisruptionBudget', {
  spec: present(PodDisruptionBudgetSpec),
  status: PodDisruptionBudgetStatus,
}) {}

export const podDisruptionBudgets: ResourceDefinition<PodDisruptionBudget> = resource(PodDisruptionBudget, {
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  namespaced: true,
  subresources: { status },
  printer: podDisruptionBudgetPrinter,
  validate: validateDisruptionBudget,
});
