// The audit policy (audit.k8s.io/v1 Policy): which requests are recorded, how much of them, and at which stages.
// The first rule that matches decides; what no rule matches is not recorded. Pure.

export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof auditLevels)[number];

export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type AuditStage = (typeof auditStages)[number];

/** What a rule looks at. */
export interface AuditedRequest {
  readonly username: string;
  readonly groups: readonly string[];
  readonly verb: string;
  readonly isResource: boolean;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}

/** How a request is recorded. */
export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

interface GroupResources {
  readonly group?: string;
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** One rule as written; lists that are left out match everything. */
export interface AuditRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

const unrecorded: AuditDecision = { level: 'None', omitStages: new Set(), omitManagedFields: false };

/** The function that decides for each request. */
export function createAuditDecider(policy: AuditPolicy): (request: AuditedRequest) => AuditDecision {
  const rules = policy.rules.map((rule) => ({
    rule,
    decision: {
      level: rule.level,
      omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
    },
  }));
  return (request) => rules.find(({ rule }) => matches(rule, request))?.decision ?? unrecorded;
}

function matches(rule: AuditRule, request: AuditedRequest): boolean {
  if (isGiven(rule.users) && !rule.users.includes(request.username)) return false;
  if (isGiven(rule.userGroups) && !rule.userGroups.some((group) => request.groups.includes(group))) return false;
  if (isGiven(rule.verbs) && !rule.verbs.includes(request.verb)) return false;
  if (!isGiven(rule.resources) && !isGiven(rule.namespaces) && !isGiven(rule.nonResourceURLs)) return true;
  return request.isResource ? matchesResource(rule, request) : matchesPath(rule, request);
}

function matchesResource(rule: AuditRule, request: AuditedRequest): boolean {
  // Rules of paths alone are not about resources.
  if (!isGiven(rule.resources) && !isGiven(rule.namespaces)) return false;
  if (isGiven(rule.namespaces) && !rule.namespaces.includes(request.namespace)) return false;
  return !isGiven(rule.resources) || rule.resources.some((one) => matchesGroupResources(one, request));
}

function matchesGroupResources(
  { group = '', resources, resourceNames }: GroupResources,
  request: AuditedRequest,
): boolean {
  if (group !== request.group) return false;
  if (!isGiven(resources)) return true;
  if (isGiven(resourceNames) && !resourceNames.includes(request.name)) return false;
  const { resource, subresource } = request;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some(
    (wanted) =>
      wanted === '*' ||
      wanted === full ||
      (subresource !== '' && (wanted === `*/${subresource}` || wanted === `${resource}/*`)) ||
      (subresource === '' && wanted === `${resource}/*`),
  );
}

function matchesPath({ nonResourceURLs }: AuditRule, { path }: AuditedRequest): boolean {
  return (nonResourceURLs ?? []).some(
    (pattern) =>
      pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))),
  );
}

function isGiven<T>(list: readonly T[] | undefined): list is readonly T[] {
  return list !== undefined && list.length > 0;
}
