import { describe, expect, it } from 'vitest';
import type { Lease } from '../api/kinds/coordination/index.ts';
import { conflict, notFound, serviceUnavailable } from '../api/meta/status.ts';
import type { FakeClock } from './clock.ts';
import { createFakeClock } from './clock.ts';
import { runLeaderElection } from './leader-election.ts';
import type { RestClient } from './rest-client.ts';

/** One Lease in memory, with optimistic locking; `cut` makes a client's calls fail. */
function leaseServer() {
  let stored: Lease | undefined;
  let revision = 0;
  const clientOf = (isCut: () => boolean): RestClient => {
    const call = <R>(work: () => R): Promise<R> =>
      isCut() ? Promise.reject(serviceUnavailable('cut off')) : Promise.resolve().then(work);
    const write = (lease: Lease): Lease =>
      (stored = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++revision) } });
    const api = {
      get: () =>
        call(() => {
          if (stored === undefined) throw notFound('leases', 'test');
          return stored;
        }),
      create: (lease: Lease) => call(() => write(lease)),
      update: (lease: Lease) =>
        call(() => {
          if (lease.metadata.resourceVersion !== stored?.metadata.resourceVersion)
            throw conflict('leases', 'test', 'changed');
          return write(lease);
        }),
    };
    return { resource: () => api } as unknown as RestClient;
  };
  return { clientOf, holder: () => stored?.spec?.holderIdentity };
}

function candidate(identity: string, server: ReturnType<typeof leaseServer>, clock: FakeClock) {
  const ending = new AbortController();
  const state = { isLeading: false, terms: 0, isCut: false };
  const running = runLeaderElection({
    client: server.clientOf(() => state.isCut),
    namespace: 'kube-system',
    name: 'test',
    identity,
    clock,
    signal: ending.signal,
    async lead(term) {
      state.isLeading = true;
      state.terms++;
      await new Promise<void>((resolve) => term.addEventListener('abort', () => resolve()));
      state.isLeading = false;
    },
  });
  return { state, stop: () => (ending.abort(), running) };
}

describe('leader election', () => {
  it('has one leader, and another within the lease when the first is cut off; never two', async () => {
    const server = leaseServer();
    const clock = createFakeClock();
    const a = candidate('a', server, clock);
    await clock.settle();
    const b = candidate('b', server, clock);
    await clock.advance(60_000);
    expect([a.state.isLeading, b.state.isLeading]).toEqual([true, false]);
    a.state.isCut = true;
    for (let second = 0; second < 30; second++) {
      await clock.advance(1_000);
      expect(a.state.isLeading && b.state.isLeading).toBe(false);
    }
    expect(b.state.isLeading).toBe(true);
    a.state.isCut = false;
    await clock.advance(60_000);
    expect([a.state.isLeading, b.state.isLeading]).toEqual([false, true]);
    await Promise.all([a.stop(), b.stop()]);
  });

  it('hands over at once when the leader stops in good order', async () => {
    const server = leaseServer();
    const clock = createFakeClock();
    const a = candidate('a', server, clock);
    await clock.settle();
    const b = candidate('b', server, clock);
    await clock.advance(5_000);
    await a.stop();
    expect(server.holder()).toBeUndefined();
    await clock.advance(3_000);
    expect(b.state.isLeading).toBe(true);
    await b.stop();
  });

  it('goes on leading through failures shorter than its deadline', async () => {
    const server = leaseServer();
    const clock = createFakeClock();
    const a = candidate('a', server, clock);
    await clock.advance(10_000);
    a.state.isCut = true;
    await clock.advance(7_000);
    a.state.isCut = false;
    await clock.advance(20_000);
    expect(a.state).toMatchObject({ isLeading: true, terms: 1 });
    await a.stop();
  });
});
