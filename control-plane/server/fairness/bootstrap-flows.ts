// The facts of bootstrap-flows.data.ts as API objects: created when missing, never changed afterwards.
import {
  flowSchemas,
  priorityLevelConfigurations,
  type FlowSchemaSpec,
  type PriorityLevelConfigurationSpec,
} from '../../../api/kinds/flowcontrol/index.ts';
import { createUnlessThere } from '../bootstrap/create-unless-there.ts';
import type { ServerParts } from '../parts.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { flowFacts, levelFacts, type FlowFacts, type LevelFacts } from './bootstrap-flows.data.ts';

/** The spec of a priority level. */
export function levelSpecOf({
  shares,
  lendablePercent,
  queuing,
  isExempt,
}: LevelFacts): PriorityLevelConfigurationSpec {
  const numbers = { nominalConcurrencyShares: shares, lendablePercent };
  if (isExempt === true) return { type: 'Exempt', exempt: numbers };
  if (queuing === undefined) return { type: 'Limited', limited: { ...numbers, limitResponse: { type: 'Reject' } } };
  const [queues, handSize, queueLengthLimit] = queuing;
  const limitResponse = { type: 'Queue', queuing: { queues, handSize, queueLengthLimit } };
  return { type: 'Limited', limited: { ...numbers, limitResponse } };
}

/** The spec of a flow schema. */
export function flowSpecOf({ precedence, level, by, subjects, resources = [], paths = [] }: FlowFacts): FlowSchemaSpec {
  const listOf = (text = ''): string[] => text.split(',').map((word) => (word === 'core' ? '' : word));
  return {
    matchingPrecedence: precedence,
    priorityLevelConfiguration: { name: level },
    ...(by === undefined ? {} : { distinguisherMethod: { type: by } }),
    rules: [
      {
        subjects: subjects.map(subjectOf),
        resourceRules: resources.map((text) => {
          const [verbs, groups, names, namespaces = '*'] = text.split(' ');
          const rule = { verbs: listOf(verbs), apiGroups: listOf(groups), resources: listOf(names) };
          return { ...rule, namespaces: listOf(namespaces), clusterScope: namespaces === '*' };
        }),
        nonResourceRules: paths.map((text) => {
          const [verbs, urls] = text.split(' ');
          return { verbs: listOf(verbs), nonResourceURLs: listOf(urls) };
        }),
      },
    ],
  };
}

function subjectOf(text: string): NonNullable<FlowSchemaSpec['rules']>[number]['subjects'][number] {
  const [kind = '', name = ''] = text.split(' ');
  if (kind === 'Group') return { kind, group: { name } };
  if (kind === 'User') return { kind, user: { name } };
  const [namespace = '', account = ''] = name.split('/');
  return { kind, serviceAccount: { namespace, name: account } };
}

/** Creates what is missing. */
export async function bootstrapFlows(parts: ServerParts): Promise<void> {
  const metadata = { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' }, generation: 1 };
  const ensure = (definition: object, name: string, spec: object): Promise<unknown> =>
    createUnlessThere(parts, definition as ResourceDefinition, '', name, { metadata, spec });
  await Promise.all([
    ...levelFacts.map((facts) => ensure(priorityLevelConfigurations, facts.name, levelSpecOf(facts))),
    ...flowFacts.map((facts) => ensure(flowSchemas, facts.name, flowSpecOf(facts))),
  ]);
}
