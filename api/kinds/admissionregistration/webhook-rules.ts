// Rules of webhook configurations.
import { checkDnsSubdomain } from '../../meta/names.ts';
import { duplicate, invalidValue, notSupported, required, type FieldError } from '../../schema/field-error.ts';
import { validateLabelSelector } from '../meta/label-selector-rules.ts';
import type { MutatingWebhook } from './mutating-webhook-configuration.ts';
import type { ValidatingWebhook } from './validating-webhook-configuration.ts';
import type { WebhookClientConfig } from './webhook-client-config.ts';
import type { RuleWithOperations } from './matching.ts';

type Webhook = MutatingWebhook | ValidatingWebhook;

/** Checks the webhooks of a configuration. */
export function validateWebhooks({ webhooks = [] }: { webhooks?: Webhook[] }): FieldError[] {
  const seen = new Set<string>();
  return webhooks.flatMap((webhook, index) => {
    const path = `webhooks[${index}]`;
    const repeated = seen.has(webhook.name) ? [duplicate(`${path}.name`, webhook.name)] : [];
    seen.add(webhook.name);
    return [...repeated, ...validateWebhook(webhook, path)];
  });
}

function validateWebhook(webhook: Webhook, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { admissionReviewVersions = [], name, sideEffects, timeoutSeconds = 10 } = webhook;
  if (name !== '' && (checkDnsSubdomain(name).length > 0 || name.split('.').length < 3)) {
    errors.push(
      invalidValue(`${path}.name`, name, 'should be a domain with at least three segments separated by dots'),
    );
  }
  if (sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
    errors.push(notSupported(`${path}.sideEffects`, sideEffects, ['None', 'NoneOnDryRun']));
  }
  if (timeoutSeconds < 1 || timeoutSeconds > 30) {
    errors.push(
      invalidValue(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'),
    );
  }
  if (admissionReviewVersions.length === 0) {
    errors.push(required(`${path}.admissionReviewVersions`, 'must specify one of v1, v1beta1'));
  } else if (!admissionReviewVersions.some((version) => version === 'v1' || version === 'v1beta1')) {
    errors.push(
      invalidValue(
        `${path}.admissionReviewVersions`,
        admissionReviewVersions,
        'must include at least one of v1, v1beta1',
      ),
    );
  }
  return [
    ...errors,
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...validateClientConfig(webhook.clientConfig, `${path}.clientConfig`),
    ...(webhook.rules ?? []).flatMap((rule, index) => validateWebhookRule(rule, `${path}.rules[${index}]`)),
  ];
}

/** Checks where a webhook is: a service, or an HTTPS address. */
export function validateClientConfig({ service, url }: WebhookClientConfig, path: string): FieldError[] {
  if ((service === undefined) === (url === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  if (url !== undefined && !/^https:\/\/[^/?#@]+(\/[^?#]*)?$/.test(url)) {
    return [
      invalidValue(
        `${path}.url`,
        url,
        "'https' is the only allowed URL scheme, without user, query or fragment; desired format: https://host[/path]",
      ),
    ];
  }
  return [];
}

function validateWebhookRule(rule: RuleWithOperations, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['apiGroups', 'apiVersions', 'operations', 'resources'] as const) {
    const values: readonly string[] = rule[field] ?? [];
    if (values.length === 0) errors.push(required(`${path}.${field}`));
    const lonely = field === 'resources' ? false : values.length > 1 && values.includes('*');
    if (lonely)
      errors.push(invalidValue(`${path}.${field}`, values, "if '*' is present, must not specify other values"));
  }
  return errors;
}
