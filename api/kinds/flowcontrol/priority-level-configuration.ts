// PriorityLevelConfiguration: how many requests of one importance are served at once, and how the others wait.
import { define, int32, keyedList, present, required, string, time } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { priorityLevelPrinter } from '../printing/access-printers.ts';

export class ExemptPriorityLevelConfiguration extends define(
  'io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration',
  {
    lendablePercent: int32,
    nominalConcurrencyShares: int32,
  },
  {
    defaults: { nominalConcurrencyShares: 0, lendablePercent: 0 },
  },
) {}

export class QueuingConfiguration extends define(
  'io.k8s.api.flowcontrol.v1.QueuingConfiguration',
  {
    handSize: int32,
    queueLengthLimit: int32,
    queues: int32,
  },
  {
    defaults: { queues: 64, handSize: 8, queueLengthLimit: 50 },
  },
) {}

export class LimitResponse extends define(
  'io.k8s.api.flowcontrol.v1.LimitResponse',
  {
    queuing: QueuingConfiguration,
    type: required(string),
  },
  {
    union: { discriminator: 'type', members: { queuing: 'Queuing' } },
    defaults: { queuing: ({ type }) => (type === 'Queue' ? {} : undefined) },
  },
) {}

export class LimitedPriorityLevelConfiguration extends define(
  'io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration',
  {
    borrowingLimitPercent: int32,
    lendablePercent: int32,
    limitResponse: LimitResponse,
    nominalConcurrencyShares: int32,
  },
  {
    defaults: { nominalConcurrencyShares: 30, lendablePercent: 0, limitResponse: () => ({ type: 'Reject' }) },
  },
) {}

export class PriorityLevelConfigurationSpec extends define(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec',
  {
    exempt: ExemptPriorityLevelConfiguration,
    limited: LimitedPriorityLevelConfiguration,
    type: required(string),
  },
  { union: { discriminator: 'type', members: { exempt: 'Exempt', limited: 'Limited' } } },
) {}

export class PriorityLevelConfigurationCondition extends define(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition',
  {
    lastTransitionTime: time,
    message: string,
    reason: string,
    status: string,
    type: string,
  },
) {}

export class PriorityLevelConfigurationStatus extends define(
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus',
  {
    conditions: keyedList(PriorityLevelConfigurationCondition, 'type'),
  },
) {}

export class PriorityLevelConfiguration extends kind('io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration', {
  spec: present(PriorityLevelConfigurationSpec),
  status: PriorityLevelConfigurationStatus,
}) {}

export const priorityLevelConfigurations: ResourceDefinition<PriorityLevelConfiguration> = resource(
  PriorityLevelConfiguration,
  {
    group: 'flowcontrol.apiserver.k8s.io',
    version: 'v1',
    plural: 'prioritylevelconfigurations',
    namespaced: false,
    subresources: { status },
    printer: priorityLevelPrinter,
  },
);
