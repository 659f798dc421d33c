// Whether a policy, or a binding, is for a request: its rules, exclusions and selectors. Pure.
import type { KubernetesObject } from '../../../../api/meta/object-meta.ts';
import type { ValidatingAdmissionPolicy } from '../../../../api/kinds/admissionregistration/index.ts';
import { namespaceMatches, objectMatches, ruleMatches } from '../../webhooks/matching.ts';
import type { AdmissionRequest } from '../admission.ts';

type MatchResources = NonNullable<ValidatingAdmissionPolicy['spec']['matchConstraints']>;
type Rule = NonNullable<MatchResources['resourceRules']>[number];

/** Policies do not judge policies: no administrator can lock the door behind them. */
export function isBeyondPolicies({ group, plural }: AdmissionRequest['definition']): boolean {
  return group === 'admissionregistration.k8s.io' && /admissionpolic(ies|ybindings)$/.test(plural);
}

/** Whether the request is among the matched resources; no rules mean all resources, as bindings leave them out. */
export function resourcesMatch(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  namespaceObject: Readonly<KubernetesObject> | undefined,
  labelsOf: 'none' | Readonly<Record<string, string>> | undefined = namespaceObject?.metadata.labels ??
    (namespaceObject === undefined ? 'none' : {}),
): boolean {
  if (match === undefined) return true;
  const { resourceRules = [], excludeResourceRules = [] } = match;
  const names = (rule: Rule): boolean => ruleMatches(rule, request) && isNamed(rule, request);
  if (resourceRules.length > 0 && !resourceRules.some(names)) return false;
  if (excludeResourceRules.some(names)) return false;
  return namespaceMatches({ hook: match }, labelsOf) && objectMatches({ hook: match }, request);
}

function isNamed({ resourceNames = [] }: Rule, { object, name }: AdmissionRequest): boolean {
  return resourceNames.length === 0 || resourceNames.includes(object?.metadata.name ?? name);
}
