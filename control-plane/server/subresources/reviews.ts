// Kinds that are questions: created, answered, never stored.
import { invalid, notAcceptable } from '../../../api/meta/status.ts';
import { applyDefaults } from '../../../api/schema/defaults.ts';
import type { Attributes, Authorizer, Decision } from '../authorization/authorizer.ts';
import type { Rbac } from '../authorization/rbac.ts';
import { authenticated, type User } from '../authentication/user.ts';
import type { ServiceAccountTokens } from '../authentication/service-account-tokens.ts';
import type { TokenAuthenticator } from '../authentication/authenticator.ts';
import { answerObject, formOf } from '../http/answer.ts';
import { decodeBody, readBody } from '../http/body.ts';
import type { ResourceHandler, SubresourceHandlers } from '../resource-routes.ts';
import { decodeObject } from '../registry/decode-object.ts';
import { badRequest } from '../registry/errors.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';
import { parseWriteOptions } from '../registry/write-options.ts';

/** What reviews ask of. */
export interface ReviewParts {
  readonly authorizer: Authorizer;
  readonly rbac: Rbac;
  readonly tokens: ServiceAccountTokens;
  /** Whoever else knows bearer tokens; theirs are for this server's own audiences. */
  readonly otherTokens: readonly TokenAuthenticator[];
}

interface Review {
  readonly metadata: { readonly namespace?: string };
  readonly spec?: ReviewSpec;
}

interface ReviewSpec {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly resourceAttributes?: Partial<
    Record<'namespace' | 'verb' | 'group' | 'version' | 'resource' | 'subresource' | 'name', string>
  >;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
  readonly token?: string;
  readonly audiences?: readonly string[];
  readonly namespace?: string;
}

/** Handlers by `group/plural`. */
export function createReviewHandlers(parts: ReviewParts): SubresourceHandlers {
  const access = (subjectOf: (review: Review, request: ResourceRequest) => User): ResourceHandler =>
    answered(async (review, request) =>
      accessStatus(await parts.authorizer.authorize(attributesOf(review, request, subjectOf(review, request)))),
    );
  const namedUser = ({ spec }: Review): User => {
    if (!spec?.user && (spec?.groups ?? []).length === 0)
      throw badRequest('spec.user: at least one of user or group must be specified');
    return { username: spec?.user ?? '', groups: spec?.groups ?? [], uid: spec?.uid, extra: spec?.extra };
  };
  return {
    'authorization.k8s.io/subjectaccessreviews': access(namedUser),
    'authorization.k8s.io/localsubjectaccessreviews': access(namedUser),
    'authorization.k8s.io/selfsubjectaccessreviews': access((_review, request) => request.user),
    'authorization.k8s.io/selfsubjectrulesreviews': answered((review, { user }) =>
      rulesStatus(parts.rbac, user, review.spec?.namespace ?? ''),
    ),
    'authentication.k8s.io/selfsubjectreviews': answered((_review, { user }) => ({ userInfo: userInfo(user) })),
    'authentication.k8s.io/tokenreviews': answered((review) => tokenStatus(parts, review.spec ?? {})),
  };
}

/** Decodes a review, answers it with the status that `judge` finds. */
function answered(judge: (review: Review, request: ResourceRequest) => object | Promise<object>): ResourceHandler {
  return async (_parts, request) => {
    const { exchange, definition } = request;
    const form = formOf(exchange);
    // What stores nothing has no metadata to make a table of.
    if (form.projection !== 'none')
      throw notAcceptable('only the following media types are accepted: application/json, application/yaml');
    const { fieldValidation } = parseWriteOptions(exchange.query);
    const value = decodeBody(await readBody(exchange.request), exchange.headers['content-type']);
    const review = decodeObject(definition, value, fieldValidation, exchange.warnings) as unknown as Review;
    applyDefaults(definition.schema, review);
    const status = await judge(review, request);
    answerObject(exchange, 201, { ...review, metadata: { ...review.metadata, creationTimestamp: null }, status }, form);
  };
}

function attributesOf(review: Review, request: ResourceRequest, user: User): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: other } = review.spec ?? {};
  if ((resource === undefined) === (other === undefined)) {
    const message = 'Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw invalid(`${request.definition.kind}.authorization.k8s.io`, '', [
      { path: 'spec.resourceAttributes', reason: 'FieldValueInvalid', message },
    ]);
  }
  const blank = { user, group: '', version: '', resource: '', subresource: '', namespace: '', name: '', path: '' };
  if (resource === undefined) return { ...blank, isResource: false, verb: other?.verb ?? '', path: other?.path ?? '' };
  const {
    namespace = request.info.namespace,
    verb = '',
    group = '',
    version = '',
    name = '',
    subresource = '',
  } = resource;
  return {
    ...blank,
    isResource: true,
    namespace,
    verb,
    group,
    version,
    resource: resource.resource ?? '',
    subresource,
    name,
  };
}

function accessStatus({ allowed, denied, reason }: Decision): object {
  return { allowed, ...(denied === true ? { denied } : {}), ...(reason === '' ? {} : { reason }) };
}

function rulesStatus(rbac: Rbac, user: User, namespace: string): object {
  const rules = user.groups.includes('system:masters')
    ? [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ]
    : rbac.rulesFor(user, namespace);
  const resourceRules = rules.filter((rule) => 'resources' in rule && rule.resources !== undefined);
  const nonResourceRules = rules.filter((rule) => 'nonResourceURLs' in rule && rule.nonResourceURLs !== undefined);
  return { resourceRules, nonResourceRules, incomplete: false };
}

function userInfo({ username, uid, groups, extra }: User): object {
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

async function tokenStatus(
  { tokens, otherTokens }: ReviewParts,
  { token = '', audiences = [] }: ReviewSpec,
): Promise<object> {
  const wanted = audiences.length > 0 ? audiences : tokens.audiences;
  try {
    const checked =
      (await tokens.check(token, wanted)) ?? (await checkOthers(otherTokens, token, wanted, tokens.audiences));
    if (checked === undefined) return { user: {}, error: 'the token is not one of this cluster' };
    return { authenticated: true, user: userInfo(authenticated(checked.user)), audiences: checked.audiences };
  } catch (error) {
    return { user: {}, error: `invalid bearer token: ${(error as Error).message}` };
  }
}

async function checkOthers(
  others: readonly TokenAuthenticator[],
  token: string,
  wanted: readonly string[],
  own: readonly string[],
): Promise<{ user: User; audiences: readonly string[] } | undefined> {
  const audiences = own.filter((audience) => wanted.includes(audience));
  if (audiences.length === 0) return undefined;
  for (const other of others) {
    const user = await other.authenticate(token);
    if (user !== undefined) return { user, audiences };
  }
  return undefined;
}
