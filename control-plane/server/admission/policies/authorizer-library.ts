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

abstract class Check extends Opaque {
  equals(other: Opaque): boolean {
    return other === this;
  }
}

/** The root of all checks: whose rights are asked about. */
export class AuthorizerValue extends Check {
  readonly type = authorizerType;
  readonly decisions: Decisions;
  readonly user: User;
  constructor(decisions: Decisions, user: User) {
    super();
    this.decisions = decisions;
    this.user = user;
  }
}

class PathCheck extends Check {
  readonly type = pathType;
  readonly authorizer: AuthorizerValue;
  readonly path: string;
  constructor(authorizer: AuthorizerValue, path: string) {
    super();
    this.authorizer = authorizer;
    this.path = path;
  }
}

class GroupCheck extends Check {
  readonly type = groupType;
  readonly authorizer: AuthorizerValue;
  readonly group: string;
  constructor(authorizer: AuthorizerValue, group: string) {
    super();
    this.authorizer = authorizer;
    this.group = group;
  }
}

type Target = Pick<Attributes, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>;

/** A question about a resource that lacks only its verb. */
export class ResourceCheck extends Check {
  readonly type = resourceCheckType;
  readonly authorizer: AuthorizerValue;
  readonly target: Target;
  constructor(authorizer: AuthorizerValue, target: Target) {
    super();
    this.authorizer = authorizer;
    this.target = target;
  }
  with(part: Partial<Target>): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.target, ...part });
  }
}

class DecisionValue extends Check {
  readonly type = decisionType;
  readonly decision: Decision | Error;
  constructor(decision: Decision | Error) {
    super();
    this.decision = decision;
  }
}

function checkPath({ authorizer, path }: PathCheck, verb: string): DecisionValue {
  const nothing = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  return new DecisionValue(authorizer.decisions.decide(authorizer.user, { ...nothing, verb, isResource: false, path }));
}

function checkResource({ authorizer, target }: ResourceCheck, verb: string): DecisionValue {
  return new DecisionValue(
    authorizer.decisions.decide(authorizer.user, { ...target, version: '*', verb, isResource: true, path: '' }),
  );
}

function serviceAccount({ decisions }: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  return new AuthorizerValue(decisions, {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid: '',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {},
  });
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
    (from: AuthorizerValue, path: string) => new PathCheck(from, path),
    nominal,
  ),
  method(
    'group',
    'authorizer_group',
    [authorizerType, text],
    groupType,
    (from: AuthorizerValue, group: string) => new GroupCheck(from, group),
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
    ({ authorizer, group }: GroupCheck, resource: string) =>
      new ResourceCheck(authorizer, { group, resource, subresource: '', namespace: '', name: '' }),
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
    ({ decision }: DecisionValue) => !(decision instanceof Error) && decision.allowed,
    nominal,
  ),
  method(
    'reason',
    'decision_reason',
    [decisionType],
    text,
    ({ decision }: DecisionValue) => (decision instanceof Error ? '' : decision.reason),
    nominal,
  ),
  method(
    'errored',
    'decision_errored',
    [decisionType],
    bool,
    ({ decision }: DecisionValue) => decision instanceof Error,
    nominal,
  ),
  method(
    'error',
    'decision_error',
    [decisionType],
    text,
    ({ decision }: DecisionValue) => (decision instanceof Error ? decision.message : ''),
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
