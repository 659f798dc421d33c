import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../api/kinds/flowcontrol/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { createFakeClock } from '../../../machinery/clock.ts';
import type { User } from '../authentication/user.ts';
import type { Exchange } from '../http/exchange.ts';
import { parseRequestInfo, type RequestInfo } from '../request/request-info.ts';
import { flowFacts, levelFacts, type LevelFacts } from './bootstrap-flows.data.ts';
import { flowSpecOf, levelSpecOf } from './bootstrap-flows.ts';
import { FairQueues } from './fair-queues.ts';
import { createFlowControl, type FlowControl, type Release } from './flow-control.ts';
import { byPrecedence, distinguisherOf, matchFlow } from './match-flow.ts';
import { createRequestWidths } from './request-width.ts';
import { maySit, shareSeats } from './seats.ts';
import { dealHand, hashFlow } from './shuffle-shard.ts';

const meta = (name: string) => ({ name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '' });
const apiVersion = 'flowcontrol.apiserver.k8s.io/v1' as const;
const defaultSchemas: FlowSchema[] = flowFacts.map((facts) => ({
  apiVersion,
  kind: 'FlowSchema',
  metadata: meta(facts.name),
  spec: flowSpecOf(facts),
}));
const levelOf = (facts: LevelFacts): PriorityLevelConfiguration => ({
  apiVersion,
  kind: 'PriorityLevelConfiguration',
  metadata: meta(facts.name),
  spec: levelSpecOf(facts),
});
const user = (username: string, ...groups: string[]): User => ({
  username,
  groups: [...groups, 'system:authenticated'],
});
const ask = (method: string, path: string): RequestInfo => parseRequestInfo(method, path, false);
const pods = ask('GET', '/api/v1/namespaces/team/pods/p');

describe('matching', () => {
  const sorted = byPrecedence(defaultSchemas);
  const flowOf = (info: RequestInfo, who: User): string | undefined => matchFlow(sorted, info, who)?.metadata.name;
  const node = user('system:node:a', 'system:nodes');
  const account = (name: string): User => user(`system:serviceaccount:${name}`, 'system:serviceaccounts');
  const lease = ask('PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l');

  it.each<[string, RequestInfo, User, string]>([
    ['administrators', pods, user('a', 'system:masters'), 'exempt'],
    ['probes', ask('GET', '/readyz'), { username: 'system:anonymous', groups: ['system:unauthenticated'] }, 'probes'],
    ['leaders of the system', lease, account('kube-system:x'), 'system-leader-election'],
    ['leaders elsewhere are service accounts like others', lease, account('team:x'), 'service-accounts'],
    ['nodes telling their state', ask('PATCH', '/api/v1/nodes/a/status'), node, 'system-node-high'],
    ['nodes otherwise', pods, node, 'system-nodes'],
    ['the system’s controllers', pods, account('kube-system:x'), 'kube-system-service-accounts'],
    ['controllers of users', pods, account('team:x'), 'service-accounts'],
    ['people', pods, user('jane'), 'global-default'],
    ['nobody', ask('GET', '/metrics'), { username: 'x', groups: ['system:unauthenticated'] }, 'global-default'],
  ])('%s', (_title, info, who, expected) => {
    expect(flowOf(info, who)).toBe(expected);
  });

  it('tells flows apart by user or by namespace, as the schema says', () => {
    const byName = (name: string): FlowSchema =>
      defaultSchemas.find(({ metadata }) => metadata.name === name) as FlowSchema;
    expect(distinguisherOf(byName('global-default'), pods, user('jane'))).toBe('jane');
    expect(distinguisherOf(byName('kube-system-service-accounts'), pods, user('jane'))).toBe('team');
    expect(distinguisherOf(byName('exempt'), pods, user('jane'))).toBe('');
  });
});

describe('shuffle sharding', () => {
  it('deals distinct queues, the same to the same flow', () => {
    for (let flow = 0; flow < 500; flow++) {
      const hand = dealHand(hashFlow('s', `user-${flow}`), 64, 8);
      expect(new Set(hand).size).toBe(8);
      expect(Math.min(...hand)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...hand)).toBeLessThan(64);
    }
    expect(dealHand(hashFlow('s', 'a'), 64, 8)).toEqual(dealHand(hashFlow('s', 'a'), 64, 8));
  });

  it('leaves almost every other flow a queue that a heavy flow does not hold', () => {
    const heavy = new Set(dealHand(hashFlow('s', 'heavy'), 128, 6));
    const blocked = Array.from({ length: 10_000 }, (_, flow) =>
      dealHand(hashFlow('s', `light-${flow}`), 128, 6),
    ).filter((hand) => hand.every((queue) => heavy.has(queue)));
    expect(blocked.length).toBeLessThan(3);
  });
});

describe('fair queues', () => {
  it('take turns by seats, not by requests', () => {
    const queues = new FairQueues<string>({ queues: 64, handSize: 1, queueLengthLimit: 100 });
    for (let n = 0; n < 4; n++) queues.join(1, `wide-${n}`, 10);
    for (let n = 0; n < 12; n++) queues.join(2, `narrow-${n}`, 1);
    const order = Array.from({ length: 12 }, () => queues.take() ?? '');
    expect(order.slice(0, 12).filter((item) => item.startsWith('wide')).length).toBeLessThanOrEqual(2);
    expect(queues.length).toBe(4);
  });

  it('refuse what the shortest queue of a hand cannot take', () => {
    const queues = new FairQueues<number>({ queues: 8, handSize: 2, queueLengthLimit: 3 });
    const joined = Array.from({ length: 10 }, (_, n) => queues.join(hashFlow('s', 'one'), n, 1));
    expect(joined.filter(Boolean)).toHaveLength(6);
  });

  it('let a request leave that no longer waits', () => {
    const queues = new FairQueues<string>({ queues: 8, handSize: 2, queueLengthLimit: 3 });
    queues.join(1, 'a', 1);
    queues.join(1, 'b', 1);
    expect([queues.leave('a'), queues.leave('a'), queues.take(), queues.take()]).toEqual([true, false, 'b', undefined]);
  });
});

describe('seats', () => {
  const shared = (): ReturnType<typeof shareSeats> =>
    shareSeats(
      100,
      new Map([
        ['a', { shares: 30, lendablePercent: 50 }],
        ['b', { shares: 70, lendablePercent: 0, borrowingLimitPercent: 0 }],
      ]),
    );

  it('are shared by shares', () => {
    const [a, b] = [...shared().values()];
    expect([a?.nominal, a?.least, a?.most]).toEqual([30, 15, 100]);
    expect([b?.nominal, b?.least, b?.most]).toEqual([70, 70, 70]);
  });

  it('are borrowed while they are not needed, and not from what is never lent', () => {
    const levels = shareSeats(
      100,
      new Map([
        ['a', { shares: 50, lendablePercent: 40 }],
        ['b', { shares: 50, lendablePercent: 40 }],
      ]),
    );
    const [a, b] = [...levels.values()];
    if (a === undefined || b === undefined) throw new Error('no levels');
    while (maySit(100, levels.values(), a, 1)) a.taken++;
    expect(a.taken).toBe(70);
    b.waiting = 1;
    expect(maySit(100, levels.values(), b, 1)).toBe(true);
    a.taken = 60;
    expect(maySit(100, levels.values(), a, 1)).toBe(false);
  });
});

describe('flow control', () => {
  const clock = createFakeClock();
  const setUp = (
    total: number,
    levels: LevelFacts[] = [...levelFacts],
  ): {
    control: FlowControl;
    enter(who: User, info?: RequestInfo): Promise<Release>;
    response: EventEmitter & { headers: Record<string, string> };
  } => {
    const configuration = {
      schemas: { list: () => defaultSchemas, generation: 1 },
      levels: { list: () => levels.map(levelOf), generation: 1 },
    };
    const control = createFlowControl({ totalSeats: total, clock, configuration });
    const headers: Record<string, string> = {};
    const response = Object.assign(new EventEmitter().setMaxListeners(0), {
      headers,
      setHeader(name: string, value: string) {
        headers[name] = value;
      },
    });
    const exchange = { query: new URLSearchParams(), response } as unknown as Exchange;
    const enter = async (who: User, info: RequestInfo = pods): Promise<Release> => control.enter(info, who, exchange);
    return { control, enter, response };
  };
  const small: LevelFacts[] = [
    { name: 'exempt', shares: 0, lendablePercent: 0, isExempt: true },
    { name: 'catch-all', shares: 0, lendablePercent: 0 },
    { name: 'global-default', shares: 1, lendablePercent: 0, queuing: [64, 6, 5] },
    { name: 'workload-low', shares: 1, lendablePercent: 0, queuing: [64, 6, 50] },
  ];
  const failureOf = (promise: Promise<unknown>): Promise<{ code: number; retry?: number }> =>
    promise.then(
      () => ({ code: 0 }),
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        return { code: error.code, retry: error.status.details?.retryAfterSeconds };
      },
    );

  it('names the flow and the level of every request in its headers', async () => {
    const { enter, response } = setUp(600);
    await enter(user('jane'));
    expect(response.headers).toEqual({
      'x-kubernetes-pf-flowschema-uid': 'uid-global-default',
      'x-kubernetes-pf-prioritylevel-uid': 'uid-global-default',
    });
  });

  it('lets administrators through however full the server is', async () => {
    const { enter } = setUp(4, small);
    for (let n = 0; n < 50; n++) await enter(user('admin', 'system:masters'));
    expect(await enter(user('jane'))).toBeTypeOf('function');
  });

  it('lets a quiet client of a flooded level have its turn before the flood is through', async () => {
    const { enter } = setUp(4, small);
    const held = await Promise.all([enter(user('flood')), enter(user('flood'))]);
    const order: string[] = [];
    const come = (who: string): Promise<void> =>
      enter(user(who)).then((release) => {
        order.push(who);
        release();
      });
    const flood = Array.from({ length: 20 }, () => come('flood'));
    const quiet = come('quiet');
    await clock.settle();
    expect(order).toEqual([]);
    for (const release of held) release();
    await Promise.all([...flood, quiet]);
    expect(order.indexOf('quiet')).toBeLessThan(8);
  });

  it('keeps another level’s seats out of a flood’s reach', async () => {
    const { enter } = setUp(4, small);
    for (let n = 0; n < 2; n++) await enter(user('flood'));
    void enter(user('flood')).catch(() => undefined);
    const robot = user('system:serviceaccount:team:robot', 'system:serviceaccounts');
    expect(await enter(robot)).toBeTypeOf('function');
  });

  it('answers 429 with Retry-After when the queues of a flow are full', async () => {
    const { enter } = setUp(4, small);
    for (let n = 0; n < 2; n++) await enter(user('flood'));
    const rest = Array.from({ length: 31 }, () => failureOf(enter(user('flood'))));
    expect(await rest[30]).toEqual({ code: 429, retry: 1 });
  });

  it('answers 429 after a quarter of a minute of waiting', async () => {
    const { enter, control } = setUp(4, small);
    const [held] = await Promise.all([enter(user('a')), enter(user('a'))]);
    const waiting = failureOf(enter(user('b')));
    await clock.advance(14_000);
    expect(control.format()).toContain(
      'current_inqueue_requests{flow_schema="global-default",priority_level="global-default"} 1',
    );
    await clock.advance(1_500);
    expect(await waiting).toEqual({ code: 429, retry: 1 });
    expect(control.format()).toContain('reason="time-out"} 1');
    held();
    expect(await enter(user('b'))).toBeTypeOf('function');
  });

  it('forgets who goes away while waiting', async () => {
    const { enter, response, control } = setUp(4, small);
    await Promise.all([enter(user('a')), enter(user('a'))]);
    const waiting = failureOf(enter(user('b')));
    response.emit('close');
    expect((await waiting).code).toBe(429);
    expect(control.format()).toContain(
      'current_inqueue_requests{flow_schema="global-default",priority_level="global-default"} 0',
    );
  });

  it('works by the mandatory levels when nothing is stored', async () => {
    const nothing = { list: () => [], generation: 0 };
    const control = createFlowControl({ totalSeats: 10, clock, configuration: { schemas: nothing, levels: nothing } });
    const exchange = { query: new URLSearchParams(), response: { setHeader: () => undefined } } as unknown as Exchange;
    expect(control.enter(pods, user('jane'), exchange)).toBeTypeOf('function');
  });
});

it('counts a list as wide as it is, and a page as its limit says', () => {
  const widths = createRequestWidths();
  const list = ask('GET', '/api/v1/pods');
  const none = new URLSearchParams();
  expect(widths.of(list, none)).toBe(1);
  widths.learn(list, 1_000_000);
  expect(widths.of(list, none)).toBe(4);
  widths.learn(list, 1e9);
  expect(widths.of(list, none)).toBe(10);
  expect(widths.of(list, new URLSearchParams('limit=250'))).toBe(3);
  expect(widths.of(pods, none)).toBe(1);
});
