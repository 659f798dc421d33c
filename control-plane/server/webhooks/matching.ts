// Whether a webhook wants to hear of a write: its rules and selectors. Pure.
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import type { Webhook } from './webhook.ts';

type Labels = Readonly<Record<string, string>> | undefined;

/** Configurations themselves are out of reach, so that no webhook can make itself irremovable. */
export function isBeyondWebhooks({ group }: AdmissionRequest['definition']): boolean {
  return group === 'admissionregistration.k8s.io';
}

/** What a rule of a webhook or policy names. */
export interface Rule {
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
}

/** Selectors of a webhook or policy. */
export interface Selecting {
  readonly hook: {
    readonly namespaceSelector?: Parameters<typeof matchesLabelSelector>[0];
    readonly objectSelector?: Parameters<typeof matchesLabelSelector>[0];
  };
}

/** Whether any of its rules names this write. */
export function rulesMatch({ hook }: Webhook, request: AdmissionRequest): boolean {
  return (hook.rules ?? []).some((rule) => ruleMatches(rule, request));
}

/** Whether a rule names this write. */
export function ruleMatches(rule: Rule, { operation, definition, subresource }: AdmissionRequest): boolean {
  const { group, version, plural, namespaced } = definition;
  const has = (list: readonly string[] | undefined, value: string): boolean =>
    list !== undefined && (list.includes('*') || list.includes(value));
  if (!has(rule.operations, operation) || !has(rule.apiGroups, group) || !has(rule.apiVersions, version)) return false;
  if (rule.scope === 'Cluster' && namespaced) return false;
  if (rule.scope === 'Namespaced' && !namespaced) return false;
  return (rule.resources ?? []).some((one) => resourceMatches(one, plural, subresource));
}

/** `pods`, `pods/*`, `pods/log`, `*`, `*` + `/*`, `*` + `/status`; a bare star means no subresources. */
function resourceMatches(pattern: string, plural: string, subresource: string): boolean {
  const [resource = '', sub] = pattern.split('/');
  if (resource !== '*' && resource !== plural) return false;
  if (sub === undefined) return subresource === '';
  return sub === '*' || sub === subresource;
}

/** Whether the object's (or its predecessor's) labels are selected. */
export function objectMatches({ hook }: Selecting, { operation, object, previous }: AdmissionRequest): boolean {
  const selector = hook.objectSelector ?? {};
  const matches = (labels: Labels): boolean => matchesLabelSelector(selector, labels);
  if (isEmpty(selector)) return true;
  // Options of a connection have no labels that could be selected.
  if (operation === 'CONNECT') return false;
  return (
    (object !== undefined && matches(object.metadata.labels)) ||
    (previous !== undefined && matches(previous.metadata.labels))
  );
}

/** Whether the namespace is selected; cluster-wide objects but namespaces themselves have none and always match. */
export function namespaceMatches({ hook }: Selecting, labels: Labels | 'none'): boolean {
  const selector = hook.namespaceSelector ?? {};
  return labels === 'none' || isEmpty(selector) || matchesLabelSelector(selector, labels);
}

function isEmpty(selector: { readonly matchLabels?: object; readonly matchExpressions?: readonly unknown[] }): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}
