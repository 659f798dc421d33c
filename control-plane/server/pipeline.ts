// The life of a request: authenticate → wait for seats → authorize → route. Everything that goes wrong becomes a Status answer.
import { forbidden, failure } from '../../api/meta/status.ts';
import type { Auditor, AuditRecord } from './audit/auditor.ts';
import type { Authenticator } from './authentication/authenticator.ts';
import { impersonate, isImpersonating } from './authentication/impersonation.ts';
import type { User } from './authentication/user.ts';
import type { Attributes, Authorizer } from './authorization/authorizer.ts';
import type { FlowControl, Release } from './fairness/flow-control.ts';
import { answerError } from './http/answer.ts';
import type { Exchange } from './http/exchange.ts';
import type { Observer } from './observe.ts';
import type { ServerParts } from './parts.ts';
import { parseRequestInfo, type RequestInfo } from './request/request-info.ts';

/** Answers an authorized request. */
export type Route = (exchange: Exchange, info: RequestInfo, user: User) => void | Promise<void>;

/** What the pipeline is made of. */
export interface PipelineOptions {
  readonly parts: ServerParts;
  readonly authenticator: Authenticator;
  readonly flowControl: FlowControl;
  /** Absent when nothing is recorded. */
  readonly auditor?: Auditor;
  readonly route: Route;
  readonly observer: Observer;
}

/** Handles one exchange to its end; never throws. */
export type Pipeline = (exchange: Exchange) => Promise<void>;

/** Assembles the pipeline. */
export function createPipeline({
  parts,
  authenticator,
  flowControl,
  auditor,
  route,
  observer,
}: PipelineOptions): Pipeline {
  return async (arrived) => {
    const startedMs = parts.clock.now();
    let exchange = arrived;
    let info: RequestInfo | undefined;
    let record: AuditRecord | undefined;
    let release: Release | undefined;
    let isKnown = false;
    let isLong = false;
    try {
      info = parseRequestInfo(exchange.method, exchange.path, isWatchQuery(exchange.query));
      const isConnection = isStreaming(info, exchange);
      isLong = isConnection || info.verb === 'watch';
      observer.begin(exchange, info, isLong);
      let user: User = await authenticator.authenticate(exchange.peer, exchange.headers);
      isKnown = true;
      observer.authenticated(true, startedMs);
      record = auditor?.begin(exchange, info, user);
      if (record !== undefined) exchange = record.exchange;
      if (isImpersonating(exchange.headers)) {
        user = await impersonate(user, exchange.headers, parts.authorizer);
        record?.impersonating(user);
      }
      if (!isConnection) {
        const entered = flowControl.enter(info, user, exchange);
        release = entered instanceof Promise ? await entered : entered;
        // A watch takes its turn to begin, and then lasts as long as its client wants.
        if (info.verb === 'watch') release();
      }
      await authorize(parts.authorizer, observer, exchange, info, user, record);
      await route(exchange, info, user);
    } catch (error) {
      if (!isKnown && info !== undefined) {
        observer.authenticated(false, startedMs);
        record = auditor?.begin(exchange, info, nobody);
        if (record !== undefined) exchange = record.exchange;
      }
      answerError(exchange, error, parts.logger);
    } finally {
      release?.();
      if (info !== undefined && exchange.sentBytes !== undefined) flowControl.answered(info, exchange.sentBytes);
      record?.complete();
      observer.end(exchange, info, isLong, startedMs);
    }
  };
}

/** How the audit log tells of those whose credentials were wrong. */
const nobody: User = { username: '', groups: [] };

function isWatchQuery(query: URLSearchParams): boolean {
  if (query.size === 0) return false;
  const watch = query.get('watch');
  return watch === 'true' || watch === '1' || watch === '';
}

const streaming = new Set(['exec', 'attach', 'portforward', 'proxy', 'log']);

/** Streams last as long as their clients want, and are between two others: they hold no seat. */
function isStreaming(info: RequestInfo, { upgrade }: Exchange): boolean {
  return (upgrade !== undefined && info.verb !== 'watch') || (info.isResource && streaming.has(info.subresource));
}

/** What is authorized for a request. */
export function attributesOf(info: RequestInfo, user: User, query: URLSearchParams): Attributes {
  if (!info.isResource) {
    return {
      user,
      verb: info.verb === 'head' ? 'get' : info.verb,
      isResource: false,
      group: '',
      version: '',
      resource: '',
      subresource: '',
      namespace: '',
      name: '',
      path: info.path,
    };
  }
  const { verb, group, version, resource, subresource, namespace } = info;
  return {
    user,
    verb,
    isResource: true,
    group,
    version,
    resource,
    subresource,
    namespace,
    name: info.name || namedBySelector(info.verb, query),
    path: '',
  };
}

/** A list or watch of one name is authorized as that name. */
function namedBySelector(verb: string, query: URLSearchParams): string {
  if ((verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection') || query.size === 0) return '';
  return /(?:^|,)metadata\.name==?([^,=!]+)/.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';
}

async function authorize(
  authorizer: Authorizer,
  observer: Observer,
  exchange: Exchange,
  info: RequestInfo,
  user: User,
  record: AuditRecord | undefined,
): Promise<void> {
  const decision = await authorizer.authorize(attributesOf(info, user, exchange.query));
  record?.decided(decision.allowed, decision.reason);
  observer.authorized(decision.allowed);
  if (decision.allowed) return;
  throw refusal(info, user, decision.reason);
}

/** Upstream's sentence for a refused request. */
export function refusal(info: RequestInfo, user: User, reason: string): Error {
  const because = reason === '' ? '' : `: ${reason}`;
  if (!info.isResource)
    return failure(
      'Forbidden',
      `forbidden: User "${user.username}" cannot ${info.verb} path "${info.path}"${because}`,
      {},
    );
  const { verb, group, resource, subresource, namespace, name } = info;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return forbidden(
    { group, plural: resource },
    name,
    `User "${user.username}" cannot ${verb} resource "${what}" in API group "${group}" ${where}${because}`,
  );
}
