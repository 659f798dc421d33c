// MutatingWebhookConfiguration: services that may change requests before they are stored.
import { atomicList, define, int32, keyedList, oneOf, required, string } from '../../schema/vocabulary.ts';
import { MatchCondition, RuleWithOperations } from './matching.ts';
import { WebhookClientConfig } from './webhook-client-config.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { webhooksPrinter } from '../printing/access-printers.ts';
import { validateWebhooks } from './webhook-rules.ts';

export class MutatingWebhook extends define(
  'io.k8s.api.admissionregistration.v1.MutatingWebhook',
  {
    admissionReviewVersions: required(atomicList(string)),
    clientConfig: required(WebhookClientConfig),
    failurePolicy: oneOf('Fail', 'Ignore'),
    matchConditions: keyedList(MatchCondition, 'name'),
    matchPolicy: oneOf('Equivalent', 'Exact'),
    name: required(string),
    namespaceSelector: LabelSelector,
    objectSelector: LabelSelector,
    reinvocationPolicy: oneOf('IfNeeded', 'Never'),
    rules: atomicList(RuleWithOperations),
    sideEffects: required(oneOf('None', 'NoneOnDryRun', 'Some', 'Unknown')),
    timeoutSeconds: int32,
  },
  {
    defaults: {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: () => ({}),
      objectSelector: () => ({}),
      timeoutSeconds: 10,
      reinvocationPolicy: 'Never',
    },
  },
) {}

export class MutatingWebhookConfiguration extends kind(
  'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
  {
    webhooks: keyedList(MutatingWebhook, 'name'),
  },
) {}

export const mutatingWebhookConfigurations: ResourceDefinition<MutatingWebhookConfiguration> = resource(
  MutatingWebhookConfiguration,
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingwebhookconfigurations',
    categories: ['api-extensions'],
    namespaced: false,
    printer: webhooksPrinter,
    validate: validateWebhooks,
  },
);
