// Whether a policy, or a binding, is for a request: its rules, exclusions and selectors. Pure.
import type { ValidatingAdmissionPolicy } from '../../../../api/kinds/admissionregistration/index.ts';
import { namespaceMatches, objectMatches, ruleMatches } from '../../webhooks/matching.ts';
import type { ResourceDefinition } from '../../served/definition.ts';
import { nameOf, type AdmissionRequest } from '../admission.ts';
import type { PolicyContext } from './policy-context.ts';

type MatchResources = NonNullable<ValidatingAdmissionPolicy['spec']['matchConstraints']>;
type Rule = NonNullable<MatchResources['resourceRules']>[number];

/** Policies do not judge policies: no administrator can lock the door behind them. */
export function isBeyondPolicies({ group, plural }: AdmissionRequest['definition']): boolean {
  return group === 'admissionregistration.k8s.io' && /admissionpolic(ies|ybindings)$/.test(plural);
}

/** The resource that a policy judges a request as; undefined when its rules, or its binding's, name none. */
export function equivalentFor(
  { equivalents }: Pick<PolicyContext, 'equivalents'>,
  { policy, binding }: Matched,
  request: AdmissionRequest,
): ResourceDefinition | undefined {
  const { matchConstraints } = policy.spec;
  const isExact = matchConstraints?.matchPolicy === 'Exact';
  const as = equivalents.find(request, isExact, (one) => rulesMatch(matchConstraints, one));
  if (as === undefined) return undefined;
  const { matchResources } = binding.spec;
  const isBound = equivalents.find(request, matchResources?.matchPolicy === 'Exact', (one) =>
    rulesMatch(matchResources, one),
  );
  return isBound === undefined ? undefined : as;
}

interface Matched {
  readonly policy: { readonly spec: { readonly matchConstraints?: MatchResources } };
  readonly binding: { readonly spec: { readonly matchResources?: MatchResources } };
}

/** Whether rules and exclusions name the request; no rules mean all resources, as bindings leave them out. */
function rulesMatch(match: MatchResources | undefined, request: AdmissionRequest): boolean {
  const { resourceRules = [], excludeResourceRules = [] } = match ?? {};
  const names = (rule: Rule): boolean => ruleMatches(rule, request) && isNamed(rule, request);
  return (resourceRules.length === 0 || resourceRules.some(names)) && !excludeResourceRules.some(names);
}

/** Whether the request's object and its namespace are selected. */
export function resourcesMatch(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  labels: 'none' | Readonly<Record<string, string>> | undefined,
): boolean {
  if (match === undefined) return true;
  return namespaceMatches({ hook: match }, labels) && objectMatches({ hook: match }, request);
}

function isNamed({ resourceNames = [] }: Rule, request: AdmissionRequest): boolean {
  return resourceNames.length === 0 || resourceNames.includes(nameOf(request));
}
