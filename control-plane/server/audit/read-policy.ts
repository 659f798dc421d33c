// Reads an audit policy from YAML or JSON. A policy that does not say what it means is refused as a whole, with the place:
// an audit log that silently misses requests is worse than a server that does not start.
import { parse } from 'yaml';
import { auditLevels, auditStages, type AuditPolicy, type AuditRule } from './policy.ts';

/** Why a policy cannot be used, in a sentence that names the field. */
export class AuditPolicyError extends Error {}

type Loose = Record<string, unknown>;

/** The policy of a file's text. */
export function readAuditPolicy(text: string): AuditPolicy {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw new AuditPolicyError(`the audit policy is not valid YAML: ${(cause as Error).message}`, { cause });
  }
  const policy = objectAt(value, 'the audit policy');
  if (policy['apiVersion'] !== 'audit.k8s.io/v1' || policy['kind'] !== 'Policy')
    throw new AuditPolicyError('the audit policy must have apiVersion: audit.k8s.io/v1 and kind: Policy');
  onlyFields(policy, 'the audit policy', [
    'apiVersion',
    'kind',
    'metadata',
    'rules',
    'omitStages',
    'omitManagedFields',
  ]);
  const rules = policy['rules'];
  if (!Array.isArray(rules) || rules.length === 0) throw new AuditPolicyError('rules: at least one rule is needed');
  rules.forEach((rule, index) => checkRule(rule, `rules[${index}]`));
  checkWords(policy['omitStages'], 'omitStages', auditStages);
  checkBoolean(policy['omitManagedFields'], 'omitManagedFields');
  return policy as unknown as AuditPolicy;
}

const ruleFields: readonly (keyof AuditRule)[] = [
  'level',
  'users',
  'userGroups',
  'verbs',
  'resources',
  'namespaces',
  'nonResourceURLs',
  'omitStages',
  'omitManagedFields',
];

function checkRule(value: unknown, path: string): void {
  const rule = objectAt(value, path);
  onlyFields(rule, path, ruleFields);
  if (!(auditLevels as readonly unknown[]).includes(rule['level']))
    throw new AuditPolicyError(`${path}.level: must be one of ${auditLevels.join(', ')}`);
  for (const field of ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs'] as const)
    checkWords(rule[field], `${path}.${field}`);
  checkWords(rule['omitStages'], `${path}.omitStages`, auditStages);
  checkBoolean(rule['omitManagedFields'], `${path}.omitManagedFields`);
  const resources = listAt(rule['resources'], `${path}.resources`);
  resources.forEach((one, index) => checkGroupResources(one, `${path}.resources[${index}]`));
  const urls = (rule['nonResourceURLs'] ?? []) as string[];
  if (urls.length > 0 && (resources.length > 0 || listAt(rule['namespaces'], path).length > 0))
    throw new AuditPolicyError(
      `${path}.nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs`,
    );
  for (const url of urls)
    if (url !== '*' && !/^\/[^*]*\*?$/.test(url))
      throw new AuditPolicyError(
        `${path}.nonResourceURLs: "${url}" must begin with "/" and may hold "*" at its end only`,
      );
}

function checkGroupResources(value: unknown, path: string): void {
  const one = objectAt(value, path);
  onlyFields(one, path, ['group', 'resources', 'resourceNames']);
  const { group = '' } = one;
  if (typeof group !== 'string' || group.includes('/'))
    throw new AuditPolicyError(`${path}.group: must be the name of an API group, without a version`);
  checkWords(one['resources'], `${path}.resources`);
  checkWords(one['resourceNames'], `${path}.resourceNames`);
  const hasNames = listAt(one['resourceNames'], path).length > 0;
  if (hasNames && listAt(one['resources'], path).length === 0)
    throw new AuditPolicyError(`${path}.resourceNames: using resourceNames requires at least one resource`);
}

function objectAt(value: unknown, path: string): Loose {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Loose;
  throw new AuditPolicyError(`${path}: must be an object`);
}

function listAt(value: unknown, path: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new AuditPolicyError(`${path}: must be a list`);
}

function checkWords(value: unknown, path: string, allowed?: readonly string[]): void {
  for (const word of listAt(value, path)) {
    if (typeof word !== 'string') throw new AuditPolicyError(`${path}: must hold texts only`);
    if (allowed !== undefined && !allowed.includes(word))
      throw new AuditPolicyError(`${path}: "${word}" is none of ${allowed.join(', ')}`);
  }
}

function checkBoolean(value: unknown, path: string): void {
  if (value !== undefined && typeof value !== 'boolean') throw new AuditPolicyError(`${path}: must be true or false`);
}

function onlyFields(value: Loose, path: string, known: readonly string[]): void {
  const unknown = Object.keys(value).find((field) => !known.includes(field));
  if (unknown !== undefined) throw new AuditPolicyError(`${path}: unknown field "${unknown}"`);
}
