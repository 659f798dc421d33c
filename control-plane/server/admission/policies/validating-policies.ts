// ValidatingAdmissionPolicies as an admission plugin: which bindings concern a request, what their validations say,
// and whether that denies, warns or is only noted for the audit log.
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../../api/kinds/admissionregistration/index.ts';
import { failure, type StatusReason } from '../../../../api/meta/status.ts';
import type { Resident } from '../../residents/resident.ts';
import { nameOf, type AdmissionPlugin, type AdmissionRequest } from '../admission.ts';
import {
  conditionLimit,
  conditionsHold,
  createEvaluation,
  factsOf,
  type Evaluation,
  type Facts,
} from './evaluation.ts';
import { followBound, type Bound } from './followed.ts';
import { equivalentFor, isBeyondPolicies, resourcesMatch } from './matching.ts';
import { paramsFor } from './params.ts';
import type { PolicyContext } from './policy-context.ts';
import { validatingCompiler, type CompiledValidating, type CompiledValidation } from './validating-compiled.ts';

type BoundPolicy = Bound<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, CompiledValidating>;

/** What a failed validation, or a failed evaluation of one, says. */
interface Finding {
  readonly message: string;
  readonly reason: string;
  /** Which validation; undefined for failures of the policy as a whole. */
  readonly index: number | undefined;
  /** Failures of evaluation deny whatever the binding's actions are. */
  readonly isError: boolean;
}

const longestMessage = 5120;
const longestAnnotation = 10 * 1024;

/** The plugin over the followed policies and bindings. */
export function createValidatingPolicies(
  context: PolicyContext,
  policies: Resident<ValidatingAdmissionPolicy>,
  bindings: Resident<ValidatingAdmissionPolicyBinding>,
): AdmissionPlugin {
  const bound = followBound(policies, bindings, validatingCompiler);
  return {
    name: 'ValidatingAdmissionPolicy',
    concerns: ({ definition }) => bindings.list().length > 0 && !isBeyondPolicies(definition),
    async validate(request) {
      const concerned = (await bound()).flatMap((one) => {
        const as = equivalentFor(context, one, request);
        return as === undefined ? [] : [{ one, as }];
      });
      if (concerned.length === 0) return;
      const namespaceObject = await context.namespaceOf(request);
      const labels = context.labelsFor(request, namespaceObject);
      const denials: [BoundPolicy, Finding][] = [];
      for (const { one, as } of concerned) {
        const translated = await context.equivalents.translate(request, as);
        if (!resourcesMatch(one.policy.spec.matchConstraints, translated, labels)) continue;
        if (!resourcesMatch(one.binding.spec.matchResources, translated, labels)) continue;
        const facts = factsOf(translated, namespaceObject, context.authorizer);
        const begun = performance.now();
        const findings = await judge(context, one, facts);
        const refused = findings.filter((finding) => report(one, finding, request));
        denials.push(...refused.map((finding) => [one, finding] as [BoundPolicy, Finding]));
        count(context, one, findings.length > 0, refused.length > 0, (performance.now() - begun) / 1000);
      }
      const [first] = denials;
      if (first !== undefined) throw denialOf(request, first, denials);
    },
  };
}

function count(
  { metrics }: PolicyContext,
  { policy, binding }: BoundPolicy,
  isBroken: boolean,
  isDenied: boolean,
  seconds: number,
): void {
  const milder = binding.spec.validationActions.includes('Warn') ? 'warn' : 'audit';
  const action = isDenied ? 'deny' : isBroken ? milder : 'allow';
  metrics.policy({ policy: policy.metadata.name, binding: binding.metadata.name, action }, seconds);
}

/** Everything that a bound policy finds, over all its parameters. */
async function judge(context: PolicyContext, one: BoundPolicy, facts: Facts): Promise<readonly Finding[]> {
  const { policy, binding } = one;
  const failed = (cause: unknown): Finding[] =>
    policy.spec.failurePolicy === 'Ignore'
      ? []
      : [
          {
            message: `failed to configure binding: ${(cause as Error).message}`,
            reason: 'Invalid',
            index: undefined,
            isError: true,
          },
        ];
  let params: readonly unknown[];
  try {
    params = await paramsFor(context, policy.spec.paramKind, binding.spec.paramRef, facts.request);
  } catch (cause) {
    return failed(cause);
  }
  const findings: Finding[] = [];
  for (const param of params) findings.push(...(await judgeOnce(one, facts, param)));
  return findings;
}

async function judgeOnce({ policy, compiled }: BoundPolicy, facts: Facts, param: unknown): Promise<readonly Finding[]> {
  const { parts, validations, annotations } = compiled;
  const ignores = policy.spec.failurePolicy === 'Ignore';
  const error = (message: string, index?: number): Finding[] =>
    ignores ? [] : [{ message, reason: 'Invalid', index, isError: true }];
  try {
    if (!(await conditionsHold(createEvaluation(facts, parts, param, conditionLimit), parts.conditions))) return [];
  } catch (cause) {
    return error(`failed to evaluate match conditions: ${(cause as Error).message}`);
  }
  const evaluation = createEvaluation(facts, parts, param);
  const findings: Finding[] = [];
  for (const [index, validation] of validations.entries()) {
    try {
      if ((await evaluation.run(validation.rule)) === true) continue;
      const message = await explain(evaluation, validation);
      findings.push({ message, reason: validation.declared.reason ?? 'Invalid', index, isError: false });
    } catch (cause) {
      findings.push(
        ...error(
          `expression '${validation.declared.expression}' resulted in error: ${(cause as Error).message}`,
          index,
        ),
      );
    }
  }
  for (const { key, value } of annotations) {
    try {
      const text = await evaluation.run(value);
      if (typeof text === 'string' && text.trim() !== '')
        facts.request.annotate(`${policy.metadata.name}/${key}`, text.slice(0, longestAnnotation));
    } catch (cause) {
      findings.push(...error(`failed to evaluate auditAnnotation ${key}: ${(cause as Error).message}`));
    }
  }
  return findings;
}

/** The sentence for the client: the expression's if it says one line, else the written one. */
async function explain(evaluation: Evaluation, { message, declared }: CompiledValidation): Promise<string> {
  const fallback = declared.message?.trim() || `failed expression: ${declared.expression.trim()}`;
  if (message === undefined) return fallback;
  try {
    const text = String(await evaluation.run(message)).trim();
    return text === '' || text.includes('\n') || text.length > longestMessage ? fallback : text;
  } catch {
    return fallback;
  }
}

/** Warns and notes as the binding asks; answers whether the request is denied. */
function report(
  { policy, binding }: BoundPolicy,
  { message, index, isError }: Finding,
  request: AdmissionRequest,
): boolean {
  const actions: readonly string[] = isError ? ['Deny'] : binding.spec.validationActions;
  const policyName = policy.metadata.name;
  const bindingName = binding.metadata.name;
  if (actions.includes('Warn'))
    request.warnings.push(
      `Validation failed for ValidatingAdmissionPolicy '${policyName}' with binding '${bindingName}': ${message}`,
    );
  if (actions.includes('Audit')) {
    const noted = [
      { message, policy: policyName, binding: bindingName, expressionIndex: index ?? 0, validationActions: actions },
    ];
    request.annotate('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(noted));
  }
  return actions.includes('Deny');
}

function denialOf(
  request: AdmissionRequest,
  [{ policy, binding }, finding]: readonly [BoundPolicy, Finding],
  all: readonly (readonly [BoundPolicy, Finding])[],
): Error {
  const sentence = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${finding.message}`;
  const { definition } = request;
  const resource = definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`;
  const named = nameOf(request);
  return failure(finding.reason as StatusReason, `${resource} ${JSON.stringify(named)} is forbidden: ${sentence}`, {
    name: named,
    group: definition.group,
    kind: definition.plural,
    causes: all.map(([, { message }]) => ({ message })),
  });
}
