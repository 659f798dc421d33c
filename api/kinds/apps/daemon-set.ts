// DaemonSet: runs one pod on every node, or on every node that fits.
import {
  define,
  int32,
  int64,
  intOrString,
  keyedList,
  oneOf,
  present,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { PodTemplateSpec } from '../core/pod-template-spec.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { validateDaemonSet } from './rules/deployment-rules.ts';
import { validateSelectorKept } from './rules/workload-rules.ts';
import { daemonSetPrinter } from '../printing/workload-printers.ts';

export class RollingUpdateDaemonSet extends define(
  'io.k8s.api.apps.v1.RollingUpdateDaemonSet',
  {
    maxSurge: intOrString,
    maxUnavailable: intOrString,
  },
  {
    defaults: { maxSurge: 0, maxUnavailable: 1 },
  },
) {}

export class DaemonSetUpdateStrategy extends define(
  'io.k8s.api.apps.v1.DaemonSetUpdateStrategy',
  {
    rollingUpdate: RollingUpdateDaemonSet,
    type: oneOf('OnDelete', 'RollingUpdate'),
  },
  {
    defaults: { type: 'RollingUpdate', rollingUpdate: ({ type }) => (type === 'RollingUpdate' ? {} : undefined) },
  },
) {}

export class DaemonSetSpec extends define(
  'io.k8s.api.apps.v1.DaemonSetSpec',
  {
    minReadySeconds: int32,
    revisionHistoryLimit: int32,
    selector: required(LabelSelector),
    template: required(PodTemplateSpec),
    updateStrategy: DaemonSetUpdateStrategy,
  },
  {
    defaults: { updateStrategy: () => ({}), revisionHistoryLimit: 10 },
  },
) {}

export class DaemonSetCondition extends define('io.k8s.api.apps.v1.DaemonSetCondition', {
  lastTransitionTime: time,
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
}) {}

export class DaemonSetStatus extends define('io.k8s.api.apps.v1.DaemonSetStatus', {
  collisionCount: int32,
  conditions: keyedList(DaemonSetCondition, 'type'),
  currentNumberScheduled: required(int32),
  desiredNumberScheduled: required(int32),
  numberAvailable: int32,
  numberMisscheduled: required(int32),
  numberReady: required(int32),
  numberUnavailable: int32,
  observedGeneration: int64,
  updatedNumberScheduled: int32,
}) {}

export class DaemonSet extends kind('io.k8s.api.apps.v1.DaemonSet', {
  spec: present(DaemonSetSpec),
  status: DaemonSetStatus,
}) {}

export const daemonSets: ResourceDefinition<DaemonSet> = resource(DaemonSet, {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  subresources: { status },
  validate: validateDaemonSet,
  validateUpdate: (next, previous) => validateSelectorKept(next.spec, previous.spec),
  printer: daemonSetPrinter,
});
