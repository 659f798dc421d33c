// Follows each request that the policy wants recorded through its stages, and hands finished events to a sink. Requests
// that it does not want cost one walk through the rules; without a policy there is no auditor and nothing at all.
import { randomUUID } from 'node:crypto';
import { formatMicroTime } from '../../../api/meta/time.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { User } from '../authentication/user.ts';
import { observeBody } from '../http/body.ts';
import type { Exchange } from '../http/exchange.ts';
import type { RequestInfo } from '../request/request-info.ts';
import { objectReference, sourceAddresses, userInfo, valueOf, withoutManagedFields, type AuditEvent } from './event.ts';
import { createAuditDecider, type AuditDecision, type AuditPolicy, type AuditStage } from './policy.ts';

/** Takes finished events; never throws and never waits. */
export interface AuditSink {
  write(event: AuditEvent): void;
  /** Events written, and events lost, where the sink knows. */
  readonly written?: number;
  readonly dropped?: number;
}

/** One recorded request. */
export interface AuditRecord {
  /** What handlers are to answer through. */
  readonly exchange: Exchange;
  impersonating(user: User): void;
  decided(allowed: boolean, reason: string): void;
  /** The request is over. */
  complete(): void;
}

export interface Auditor {
  /** Undefined when the policy does not want the request. */
  begin(exchange: Exchange, info: RequestInfo, user: User): AuditRecord | undefined;
}

/** What became of events, in Prometheus' text format under upstream's names. */
export function formatAuditMetrics({ written = 0, dropped = 0 }: AuditSink): string {
  return (
    `# HELP apiserver_audit_event_total Audit events written.\n# TYPE apiserver_audit_event_total counter\napiserver_audit_event_total ${written}\n` +
    `# HELP apiserver_audit_error_total Audit events that could not be written.\n# TYPE apiserver_audit_error_total counter\napiserver_audit_error_total{plugin="log"} ${dropped}\n`
  );
}

/** Bodies above this are noted by their size alone: one event must not be able to fill the log's memory. */
const largestBodyBytes = 3 * 1024 * 1024;

/** Creates the auditor of a policy. */
export function createAuditor(options: { policy: AuditPolicy; sink: AuditSink; clock: Clock }): Auditor {
  const { policy, sink, clock } = options;
  const decide = createAuditDecider(policy);
  return {
    begin(exchange, info, user) {
      const decision = decide(auditedRequest(info, user));
      if (decision.level === 'None') return undefined;
      return record(exchange, info, user, decision, { sink, clock });
    },
  };
}

function auditedRequest(
  info: RequestInfo,
  { username, groups }: User,
): Parameters<ReturnType<typeof createAuditDecider>>[0] {
  if (info.isResource) return { ...info, username, groups, path: '' };
  const nothing = { group: '', resource: '', subresource: '', namespace: '', name: '' };
  return { ...info, ...nothing, username, groups };
}

function record(
  exchange: Exchange,
  info: RequestInfo,
  user: User,
  { level, omitStages, omitManagedFields }: AuditDecision,
  { sink, clock }: { sink: AuditSink; clock: Clock },
): AuditRecord {
  const received = formatMicroTime(clock.now());
  const asked = exchange.headers['audit-id'];
  const event: AuditEvent = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level,
    auditID: typeof asked === 'string' && /^[\w-]{1,64}$/.test(asked) ? asked : randomUUID(),
    stage: 'RequestReceived',
    requestURI: exchange.request.url ?? exchange.path,
    verb: info.verb,
    user: userInfo(user),
    sourceIPs: sourceAddresses(exchange.headers['x-forwarded-for'], exchange.peer),
    userAgent: exchange.headers['user-agent'],
    objectRef: objectReference(info),
    requestReceivedTimestamp: received,
    stageTimestamp: received,
  };
  const own: Record<string, string> = {};
  const emit = (stage: AuditStage): void => {
    if (omitStages.has(stage)) return;
    const annotations = { ...own, ...audited.auditAnnotations };
    sink.write({
      ...event,
      stage,
      stageTimestamp: formatMicroTime(clock.now()),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    });
  };
  const tidy = (value: unknown): unknown => (omitManagedFields ? withoutManagedFields(value) : value);
  const wantsRequest = level === 'Request' || level === 'RequestResponse';

  // Handlers see the same exchange; what they send is looked at on its way.
  const audited = Object.create(exchange) as Exchange;
  audited.send = (code, contentType, body) => {
    event.responseStatus = statusOfAnswer(code, body);
    if (level === 'RequestResponse' && code >= 200 && info.isResource) {
      const bytes = typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : Buffer.concat(body);
      if (bytes.byteLength <= largestBodyBytes) event.responseObject = tidy(valueOf(bytes, contentType));
    }
    exchange.send(code, contentType, body);
  };
  audited.stream = (code, contentType) => {
    event.responseStatus = { metadata: {}, code };
    emit('ResponseStarted');
    return exchange.stream(code, contentType);
  };
  const needsName = event.objectRef !== undefined && event.objectRef.name === undefined && info.verb === 'create';
  if ((wantsRequest && info.isResource) || needsName) {
    observeBody(exchange.request, (body) => {
      if (body.byteLength > largestBodyBytes) return;
      const value = valueOf(body, exchange.headers['content-type']);
      if (needsName && event.objectRef !== undefined) {
        const { metadata } = (value ?? {}) as { metadata?: { name?: unknown } };
        if (typeof metadata?.name === 'string') event.objectRef.name = metadata.name;
      }
      if (wantsRequest) event.requestObject = tidy(value);
    });
  }
  exchange.response.setHeader('audit-id', event.auditID);
  emit('RequestReceived');
  return {
    exchange: audited,
    impersonating: (other) => {
      event.impersonatedUser = userInfo(other);
    },
    decided: (allowed, reason) => {
      own['authorization.k8s.io/decision'] = allowed ? 'allow' : 'forbid';
      own['authorization.k8s.io/reason'] = reason;
    },
    complete: () => {
      event.responseStatus ??= { metadata: {}, code: exchange.response.statusCode };
      emit('ResponseComplete');
    },
  };
}

/** The code, and for a failure the Status's own words. */
function statusOfAnswer(
  code: number,
  body: Parameters<Exchange['send']>[2],
): NonNullable<AuditEvent['responseStatus']> {
  if (code < 400 || Array.isArray(body)) return { metadata: {}, code };
  const text = typeof body === 'string' ? body : Buffer.from(body as Uint8Array).toString();
  try {
    const { message, reason, status } = JSON.parse(text) as { message?: string; reason?: string; status?: string };
    if (status === 'Failure') return { metadata: {}, code, ...{ status, message, reason } };
  } catch {
    // another encoding: the code says enough
  }
  return { metadata: {}, code };
}
