import { setTimeout as later } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { currentTrace, tracedTransport, withTrace, type Trace } from './trace.ts';
import type { Transport, TransportRequest } from './transport/contract.ts';

function recordingTrace(): { trace: Trace; notes: unknown[] } {
  const notes: unknown[] = [];
  let requests = 0;
  const note: Trace['note'] = (kind, facts) => void notes.push({ kind, ...facts });
  return { trace: { id: 'a'.repeat(32), note, begin: () => undefined, nextRequest: () => ++requests }, notes };
}

function recordingTransport(): { transport: Transport; sent: TransportRequest[] } {
  const sent: TransportRequest[] = [];
  const transport = {
    request: (request: TransportRequest) => {
      sent.push(request);
      return Promise.resolve({ status: 201, headers: {}, text: () => Promise.resolve('') });
    },
  } as unknown as Transport;
  return { transport: tracedTransport(transport), sent };
}

it('goes with what was begun, also later, and with nothing else', async () => {
  const { trace } = recordingTrace();
  const seen = await withTrace(trace, async () => {
    await later(1);
    return currentTrace()?.id;
  });
  expect(seen).toBe(trace.id);
  expect(currentTrace()).toBeUndefined();
});

it('notes writes with the id that the server audits them under', async () => {
  const { trace, notes } = recordingTrace();
  const { transport, sent } = recordingTransport();
  const body = JSON.stringify({ metadata: { name: 'web' } });
  await withTrace(trace, async () => {
    await transport.request({ method: 'POST', path: '/apis/apps/v1/namespaces/shop/deployments', body });
    await transport.request({ method: 'DELETE', path: '/api/v1/namespaces/shop/pods/a' });
  });
  expect(sent.map(({ headers }) => headers?.['audit-id'])).toEqual([`${trace.id}-1`, `${trace.id}-2`]);
  expect(notes).toMatchObject([
    { kind: 'write', method: 'POST', object: '/apis/apps/v1/namespaces/shop/deployments/web', status: 201 },
    { kind: 'write', method: 'DELETE', object: '/api/v1/namespaces/shop/pods/a', auditId: `${trace.id}-2` },
  ]);
});

it.each<[string, TransportRequest]>([
  ['a read', { method: 'GET', path: '/api/v1/pods' }],
  ['a dry run', { method: 'PUT', path: '/api/v1/pods', query: { dryRun: 'All' } }],
  ['a rehearsal', { method: 'POST', path: '/apis/pilothouse.io/v1/simulations' }],
  ['a review', { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews' }],
])('does not note %s', async (_what, request) => {
  const { trace, notes } = recordingTrace();
  const { transport, sent } = recordingTransport();
  await withTrace(trace, () => transport.request(request));
  await transport.request({ method: 'DELETE', path: '/api/v1/pods/outside' });
  expect(notes).toEqual([]);
  expect(sent.every(({ headers }) => headers?.['audit-id'] === undefined)).toBe(true);
});
