// What one action of a person leads to, tied together by a trace id, however deep in the code it happens.
// Guarantees: whatever runs, also later, because of `withTrace` finds its trace; writes that go through a traced transport
// are noted with the id under which the server audits them. Questions (reads, rehearsals, reviews, dry runs) are not noted.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transport, TransportRequest } from './transport/contract.ts';

/** Facts of one note; never contents of objects, which may be secret. */
export type TraceFacts = Readonly<Record<string, string | number | boolean>>;

export type TraceKind = 'write' | 'container' | 'end';

export interface Trace {
  /** 32 hex digits, as W3C Trace Context has them. */
  readonly id: string;
  note(kind: TraceKind, facts: TraceFacts): void;
  /** Says that a command is about to be noted elsewhere under this id. */
  begin(): void;
  /** Unique among the requests of the trace. */
  nextRequest(): number;
}

const present = new AsyncLocalStorage<Trace>();

/** Runs `work`, and all it begins, as part of the trace. */
export function withTrace<T>(trace: Trace, work: () => T): T {
  return present.run(trace, work);
}

/** The trace of the action that led here. */
export function currentTrace(): Trace | undefined {
  return present.getStore();
}

/** Rehearsals and reviews change nothing; a lock that is held is no result of anything. */
const questions = /\/(?:simulations|\w*reviews)$|\/namespaces\/kube-system\/leases(?:\/|$)/;

function isWrite({ method, path, query }: TransportRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && query?.['dryRun'] === undefined && !questions.test(path);
}

/** The object that a write is about: its path has it, or the body of what is created. */
function objectOf({ method, path, body }: TransportRequest): string {
  if (method !== 'POST' || typeof body !== 'string') return path;
  try {
    const { metadata } = JSON.parse(body) as { metadata?: { name?: unknown } };
    const name = typeof metadata?.name === 'string' ? metadata.name : undefined;
    return name === undefined || path.includes(`/${name}/`) ? path : `${path}/${name}`;
  } catch {
    return path; // not an object
  }
}

/** A transport whose writes, within a trace, carry its id and are noted in it. */
export function tracedTransport(transport: Transport): Transport {
  return {
    ...transport,
    async request(request) {
      const trace = currentTrace();
      if (trace === undefined || !isWrite(request)) return transport.request(request);
      const auditId = `${trace.id}-${trace.nextRequest()}`;
      const { method } = request;
      const object = objectOf(request);
      trace.begin();
      try {
        const response = await transport.request({ ...request, headers: { ...request.headers, 'audit-id': auditId } });
        trace.note('write', { method, object, auditId, status: response.status });
        return response;
      } catch (error) {
        trace.note('write', { method, object, auditId, status: 0 });
        throw error;
      }
    },
  };
}
