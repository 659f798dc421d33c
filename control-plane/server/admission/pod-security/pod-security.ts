// PodSecurity: namespaces say by labels which level of the Pod Security Standards their pods must meet. Pods are refused
// by `enforce`; pods and the workloads that make them are warned of by `warn` and noted in the audit log by `audit`.
import { namespaces, pods, type Namespace, type Pod } from '../../../../api/kinds/core/index.ts';
import { forbidden, invalid } from '../../../../api/meta/status.ts';
import type { Reader } from '../../registry/reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import type { Fault, PodLike } from './check.ts';
import { describeFaults, evaluate } from './evaluate.ts';
import {
  compareLevels,
  demandsNothing,
  formatStandard,
  permissive,
  policyOf,
  type NamespacePolicy,
  type Standard,
} from './levels.ts';
import { warnOfExistingPods } from './namespace-check.ts';
import { isSignificantUpdate } from './pod-update.ts';
import { carriesPod, podIn } from './pod-templates.ts';

/** Defaults of namespaces without labels, and who is not judged. */
export interface PodSecurityOptions {
  readonly defaults?: NamespacePolicy;
  readonly exemptions?: {
    readonly namespaces?: readonly string[];
    readonly usernames?: readonly string[];
    readonly runtimeClasses?: readonly string[];
  };
}

const auditPrefix = 'pod-security.kubernetes.io/';
const podSubresources = new Set(['', 'ephemeralcontainers', 'resize']);

/** The PodSecurity plugin. */
export function createPodSecurity(reader: Reader, options: PodSecurityOptions = {}): AdmissionPlugin {
  const { defaults = permissive, exemptions = {} } = options;
  const isExemptNamespace = (name: string): boolean => exemptions.namespaces?.includes(name) === true;

  const judgeNamespace = async (request: AdmissionRequest): Promise<void> => {
    const { name, object, previous, warnings } = request;
    const next = policyOf(object?.metadata.labels, defaults);
    const before = previous === undefined ? undefined : policyOf(previous.metadata.labels, defaults);
    if (next.errors.length > 0 && JSON.stringify(next.errors) !== JSON.stringify(before?.errors))
      throw invalid('Namespace', name, next.errors);
    const isExempt = isExemptNamespace(name);
    if (isExempt && (before === undefined || isStricter(next.policy.enforce, before.policy.enforce))) {
      const warning = exemptWarning(name, next.policy, object?.metadata.labels);
      if (warning !== undefined) warnings.push(warning);
      return;
    }
    if (isExempt || before === undefined || !isStricter(next.policy.enforce, before.policy.enforce)) return;
    const existing = await reader.list<Pod>(pods, name);
    const judged = existing.filter(({ spec }) => !isExemptClass(spec.runtimeClassName));
    warnings.push(...warnOfExistingPods(name, judged, next.policy.enforce));
  };

  const isExemptClass = (name: string | undefined): boolean =>
    name !== undefined && exemptions.runtimeClasses?.includes(name) === true;

  const judgePod = async (request: AdmissionRequest): Promise<void> => {
    const { definition, namespace, user, object, previous } = request;
    if (object === undefined || isExemptNamespace(namespace)) return;
    if (exemptions.usernames?.includes(user.username) === true) return;
    const found = await reader.get<Namespace>(namespaces, '', namespace);
    const { policy, errors } = policyOf(found?.metadata.labels, defaults);
    const isPod = definition.plural === 'pods';
    if (errors.length === 0 && demandsNothing(policy)) return;
    const pod = podIn(definition, object);
    if (pod === undefined || isExemptClass(pod.spec.runtimeClassName)) return;
    if (isPod && request.operation === 'UPDATE' && !isSignificantUpdate(object as Pod, previous as Pod)) return;
    if (errors.length > 0)
      request.annotate(`${auditPrefix}error`, `Failed to parse policy: ${errors[0]?.message ?? ''}`);
    applyPolicy(request, policy, pod, isPod);
  };

  return {
    name: 'PodSecurity',
    concerns: ({ definition, operation, subresource }) =>
      (operation === 'CREATE' || operation === 'UPDATE') &&
      (definition.group === '' && definition.plural === 'namespaces'
        ? subresource === ''
        : carriesPod(definition) &&
          (definition.plural === 'pods' ? podSubresources.has(subresource) : subresource === '')),
    validate: (request) => (request.definition.plural === 'namespaces' ? judgeNamespace(request) : judgePod(request)),
  };
}

/** Refuses, notes and warns. */
function applyPolicy(request: AdmissionRequest, policy: NamespacePolicy, pod: PodLike, isPod: boolean): void {
  const known = new Map<string, Fault[]>();
  const faultsBy = (standard: Standard): Fault[] => {
    const key = formatStandard(standard);
    const faults = known.get(key) ?? evaluate(standard, pod);
    known.set(key, faults);
    return faults;
  };
  const sentence = (verb: string, standard: Standard): string =>
    `${verb} PodSecurity ${JSON.stringify(formatStandard(standard))}: ${describeFaults(faultsBy(standard))}`;
  if (isPod) request.annotate(`${auditPrefix}enforce-policy`, formatStandard(policy.enforce));
  if (faultsBy(policy.audit).length > 0)
    request.annotate(`${auditPrefix}audit-violations`, sentence('would violate', policy.audit));
  if (isPod && faultsBy(policy.enforce).length > 0)
    throw forbidden(request.definition, request.name, sentence('violates', policy.enforce));
  if (faultsBy(policy.warn).length > 0) request.warnings.push(sentence('would violate', policy.warn));
}

/** Whether pods that were allowed may be refused now. */
function isStricter(next: Standard, previous: Standard): boolean {
  if (next.level === 'privileged' || formatStandard(next) === formatStandard(previous)) return false;
  return next.minor !== previous.minor || compareLevels(next.level, previous.level) > 0;
}

function exemptWarning(
  name: string,
  policy: NamespacePolicy,
  labels: Readonly<Record<string, string>> = {},
): string | undefined {
  const said = (['enforce', 'audit', 'warn'] as const).filter(
    (mode) =>
      policy[mode].level !== 'privileged' &&
      (labels[auditPrefix + mode] !== undefined || labels[`${auditPrefix}${mode}-version`] !== undefined),
  );
  if (said.length === 0) return undefined;
  const text = said.map((mode) => `${mode}=${formatStandard(policy[mode])}`).join(', ');
  return `namespace ${JSON.stringify(name)} is exempt from Pod Security, and the policy (${text}) will be ignored`;
}
