// ValidatingWebhookConfiguration: services that may refuse requests before they are stored.
import { atomicList, define, int32, keyedList, oneOf, required, string } from '../../schema/vocabulary.ts';
import { MatchCondition, RuleWithOperations } from './matching.ts';
import { WebhookClientConfig } from './webhook-client-config.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { webhooksPrinter } from '../printing/access-printers.ts';
import { validateWebhooks } from './webhook-rules.ts';

export class ValidatingWebhook extends define(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhook',
  {
    admissionReviewVersions: required(atomicList(string)),
    clientConfig: required(WebhookClientConfig),
    failurePolicy: oneOf('Fail', 'Ignore'),
    matchConditions: keyedList(MatchCondition, 'name'),
    matchPolicy: oneOf('Equivalent', 'Exact'),
    name: required(string),
    namespaceSelector: LabelSelector,
    objectSelector: LabelSelector,
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
    },
  },
) {}

export class ValidatingWebhookConfiguration extends kind(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  {
    webhooks: keyedList(ValidatingWebhook, 'name'),
  },
) {}

export const validatingWebhookConfigurations: ResourceDefinition<ValidatingWebhookConfiguration> = resource(
  ValidatingWebhookConfiguration,
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingwebhookconfigurations',
    categories: ['api-extensions'],
    namespaced: false,
    printer: webhooksPrinter,
    validate: validateWebhooks,
  },
);
