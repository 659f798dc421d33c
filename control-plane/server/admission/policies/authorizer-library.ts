// `authorizer` in expressions: asks whether the requester, or a service account, may do something. Decisions that have
// to be waited for end the evaluation with `PendingDecision`; it is started again once they are known.
import { constant, fn, method, Opaque, scan, types, type Library } from '../../../../machinery/cel/index.ts';
import type { User } from '../../authentication/user.ts';
import type { Attributes, Authorizer, Decision } from '../../authorization/authorizer.ts';

const { bool, text, opaque } = types;

export const authorizerType = opaque('kubernetes.authorization.Authorizer');
const pathType = opaque('kubernetes.authorization.PathCheck');
const groupType = opaque('kubernetes.authorization.GroupCheck');
export const resourceCheckType = opaque('kubernetes.authorization.ResourceCheck');
const decisionType = opaque('kubernetes.authorization.Decision');

/** Thrown out of an evaluation that needs a decision which is still being made. */
export class PendingDecision extends Error {
  readonly settled: Promise<unknown>;
  constructor(settled: Promise<unknown>) {
    super('an authorization decision is pending');
    this.settled = settled;
  }
}

type Asked = Omit<Attributes, 'user'>;

/** Decisions of one admission: each question is asked once. */
export class Decisions {
  readonly #authorizer: Authorizer;
  readonly #known = new Map<string, Decision | Error>();

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  decide(user: User, asked: Asked): Decision | Error {
    const key = JSON.stringify([user.username, user.groups, asked]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const decision = this.#authorizer.authorize({ ...asked, user });
    if (!(decision instanceof Promise)) {
      this.#known.set(key, decision);
      return decision;
    }
    throw new PendingDecision(
      decision.then(
        (made) => this.#known.set(key, made),
        (error: unknown) => this.#known.set(key, error as Error),
      ),
    );
  }
}

/** A question in the making: what is known of it so far. Two of them are the same only as the same value. */
abstract class Check<Facts> extends Opaque {
  readonly facts: Facts;
  constructor(facts: Facts) {
    super();
    this.facts = facts;
  }
  equals(other: Opaque): boolean {
    return other === this;
  }
}

interface Asker {
  readonly decisions: Decisions;
  readonly user: User;
}

/** The root of all checks: whose rights are asked about. */
export class AuthorizerValue extends Check<Asker> {
  readonly type = authorizerType;
}

class PathCheck extends Check<{ readonly asker: Asker; readonly path: string }> {
  readonly type = pathType;
}

class GroupCheck extends Check<{ readonly asker: Asker; readonly group: string }> {
  readonly type = groupType;
}

type Target = Pick<Attributes, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>;

/** A question about a resource that lacks only its verb. */
export class ResourceCheck extends Check<{ readonly asker: Asker; readonly target: Target }> {
  readonly type = resourceCheckType;
  with(part: Partial<Target>): ResourceCheck {
    const { asker, target } = this.facts;
    return new ResourceCheck({ asker, target: { ...target, ...part } });
  }
}

class DecisionValue extends Check<Decision | Error> {
  readonly type = decisionType;
}

function checkPath({ facts: { asker, path } }: PathCheck, verb: string): DecisionValue {
  const nothing = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  return new DecisionValue(asker.decisions.decide(asker.user, { ...nothing, verb, isResource: false, path }));
}

function checkResource({ facts: { asker, target } }: ResourceCheck, verb: string): DecisionValue {
  const attributes = { ...target, version: '*', verb, isResource: true, path: '' };
  return new DecisionValue(asker.decisions.decide(asker.user, attributes));
}

function serviceAccount({ facts }: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  const user = {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid: '',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {},
  };
  return new AuthorizerValue({ decisions: facts.decisions, user });
}

const nominal = constant(1);
/** Two checks are what an expression may afford. */
const expensive = constant(350_000);

/** The functions of `authorizer`. */
export const authorizerLibrary: Library = [
  method(
    'path',
    'authorizer_path',
    [authorizerType, text],
    pathType,
    ({ facts: asker }: AuthorizerValue, path: string) => new PathCheck({ asker, path }),
    nominal,
  ),
  method(
    'group',
    'authorizer_group',
    [authorizerType, text],
    groupType,
    ({ facts: asker }: AuthorizerValue, group: string) => new GroupCheck({ asker, group }),
    nominal,
  ),
  method(
    'serviceAccount',
    'authorizer_serviceaccount',
    [authorizerType, text, text],
    authorizerType,
    serviceAccount,
    nominal,
  ),
  method(
    'resource',
    'groupcheck_resource',
    [groupType, text],
    resourceCheckType,
    ({ facts: { asker, group } }: GroupCheck, resource: string) =>
      new ResourceCheck({ asker, target: { group, resource, subresource: '', namespace: '', name: '' } }),
    nominal,
  ),
  ...(['subresource', 'namespace', 'name'] as const).map((part) =>
    method(
      part,
      `resourcecheck_${part}`,
      [resourceCheckType, text],
      resourceCheckType,
      (check: ResourceCheck, value: string) => check.with({ [part]: value }),
      nominal,
    ),
  ),
  // Selectors narrow what is asked; this server's authorizers judge by resource, so the wider question is asked.
  ...(['fieldSelector', 'labelSelector'] as const).map((part) =>
    method(
      part,
      `authorizer_${part.toLowerCase()}`,
      [resourceCheckType, text],
      resourceCheckType,
      (check: ResourceCheck) => check,
      scan(1),
    ),
  ),
  method('check', 'pathcheck_check', [pathType, text], decisionType, checkPath, expensive),
  method('check', 'resourcecheck_check', [resourceCheckType, text], decisionType, checkResource, expensive),
  method(
    'allowed',
    'decision_allowed',
    [decisionType],
    bool,
    ({ facts: decision }: DecisionValue) => !(decision instanceof Error) && decision.allowed,
    nominal,
  ),
  method(
    'reason',
    'decision_reason',
    [decisionType],
    text,
    ({ facts: decision }: DecisionValue) => (decision instanceof Error ? '' : decision.reason),
    nominal,
  ),
  method(
    'errored',
    'decision_errored',
    [decisionType],
    bool,
    ({ facts: decision }: DecisionValue) => decision instanceof Error,
    nominal,
  ),
  method(
    'error',
    'decision_error',
    [decisionType],
    text,
    ({ facts: decision }: DecisionValue) => (decision instanceof Error ? decision.message : ''),
    nominal,
  ),
  fn(
    'jsonpatch.escapeKey',
    'string_jsonpatch_escapeKey_string',
    [text],
    text,
    (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'),
    scan(0, { makesText: true }),
  ),
];
