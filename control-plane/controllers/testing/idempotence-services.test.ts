// Addresses, ranges, claims of devices, tokens and namespaces come to rest: the plan after its own effect is empty.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Namespace, Pod, Secret, Service, ServiceAccount } from '../../../api/kinds/core/index.ts';
import type { ResourceClaim } from '../../../api/kinds/resource/index.ts';
import { addressOf, planLoadBalancer } from '../load-balancer/plan.ts';
import { parsePool } from '../load-balancer/pool.ts';
import { planNamespaceConditions } from '../namespace/plan.ts';
import { planPodCidr } from '../node-ipam/plan.ts';
import { planFinishedPods } from '../pod-gc/plan.ts';
import { planCleanup } from '../resource-claim/plan.ts';
import { filledSecret, planTokenSecret } from '../service-account-token/plan.ts';
import { makePod, makeService, metaOf, startMs } from './fixtures.ts';

describe('a plan after its own effect is empty', () => {
  it('load balancers: no address twice, none outside the pool', () => {
    const pool = parsePool('10.0.0.1-10.0.0.3');
    const asked = fc.constantFrom(undefined, '10.0.0.2', '10.0.0.9');
    const facts = fc.record({ type: fc.constantFrom('LoadBalancer', 'ClusterIP'), loadBalancerIP: asked, had: asked });
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 6 }), (all) => {
        let services = all.map(({ had, ...spec }, i): Service => {
          const service = makeService(`s${i}`, spec as Partial<Service['spec']>);
          return { ...service, status: { loadBalancer: had ? { ingress: [{ ip: had }] } : {} } };
        });
        const sync = (): number => {
          let changes = 0;
          for (const service of services) {
            const others = services.filter((one) => one !== service && one.spec.type === 'LoadBalancer').map(addressOf);
            const { status } = planLoadBalancer(service, pool, new Set(others.filter((one) => one !== undefined)));
            if (status === undefined) continue;
            changes++;
            services = services.map((one) => (one === service ? { ...service, status } : one));
          }
          return changes;
        };
        for (let round = 0; sync() > 0; round++) expect(round).toBeLessThan(8);
        const given = services.map(addressOf).filter((one) => one !== undefined);
        expect(new Set(given).size).toBe(given.length);
        expect(given.every((one) => pool.has(one))).toBe(true);
      }),
    );
  });

  it('pod ranges of nodes: each its own, until all are given', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 15 })), (held) => {
        const taken = held.map((piece) => `10.1.${piece}.0/24`);
        for (let range = planPodCidr('10.1.0.0/20', 24, taken); range; range = planPodCidr('10.1.0.0/20', 24, taken)) {
          expect(taken).not.toContain(range);
          taken.push(range);
        }
        expect(taken).toHaveLength(16);
      }),
    );
  });

  it('resource claims: users that are gone leave once, and then nothing is left to do', () => {
    const state = fc.constantFrom('there', 'ended', 'another', 'gone');
    fc.assert(
      fc.property(fc.array(state, { maxLength: 5 }), fc.boolean(), (states, isLeaving) => {
        const podOf = (name: string): Pod | undefined => {
          const is = states[Number(name.slice(1))];
          if (is === 'gone' || is === undefined) return undefined;
          const pod = makePod(name, { phase: is === 'ended' ? 'Succeeded' : 'Running', nodeName: 'n' });
          return is === 'another' ? { ...pod, metadata: { ...pod.metadata, uid: 'other' } } : pod;
        };
        const claim = {
          metadata: metaOf('claim', isLeaving ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
          spec: {},
          status: {
            allocation: { devices: { results: [] } },
            reservedFor: states.map((_, i) => ({ resource: 'pods', name: `p${i}`, uid: `uid-p${i}` })),
          },
        } as unknown as ResourceClaim;
        const { reservedFor, deallocate } = planCleanup(claim, podOf);
        const left = reservedFor ?? claim.status?.reservedFor ?? [];
        expect(left.map(({ name }) => name)).toEqual(states.flatMap((is, i) => (is === 'there' ? [`p${i}`] : [])));
        const after = { ...claim, status: { reservedFor: left, ...(deallocate ? {} : claim.status?.allocation) } };
        const again = planCleanup(after as ResourceClaim, podOf);
        expect(again.reservedFor).toBeUndefined();
        expect(again.deallocate).toBe(deallocate && isLeaving);
      }),
    );
  });

  it('token secrets, conditions of namespaces that leave, and finished pods', () => {
    const uid = fc.constantFrom(undefined, 'uid-robot', 'another');
    const account = { metadata: metaOf('robot') } as ServiceAccount;
    fc.assert(
      fc.property(uid, fc.boolean(), fc.option(fc.constant('PEM'), { nil: undefined }), (known, hasToken, rootCa) => {
        const annotations = {
          'kubernetes.io/service-account.name': 'robot',
          ...(known ? { 'kubernetes.io/service-account.uid': known } : {}),
        };
        const secret = {
          metadata: metaOf('token', { annotations }),
          type: 'kubernetes.io/service-account-token',
          data: hasToken ? { token: 'dG9rZW4=' } : {},
        } as unknown as Secret;
        const plan = planTokenSecret(secret, account, rootCa);
        expect(plan.do === 'delete').toBe(known === 'another');
        if (plan.do !== 'fill') return;
        const filled = filledSecret(secret, account, rootCa, plan.needsToken ? 'token' : undefined);
        expect(planTokenSecret(filled, account, rootCa)).toEqual({ do: 'nothing' });
      }),
    );
    const counts = fc.dictionary(fc.constantFrom('pods.', 'secrets.', 'widgets.example.com'), fc.integer({ min: 1 }));
    fc.assert(
      fc.property(counts, counts, fc.array(fc.constantFrom('a', 'b')), (objects, finalizers, failures) => {
        const remaining = {
          objects: new Map(Object.entries(objects)),
          finalizers: new Map(Object.entries(finalizers)),
          failures,
        };
        const namespace = { metadata: metaOf('leaving') } as Namespace;
        const conditions = planNamespaceConditions(namespace, remaining, failures, startMs);
        const reported = { ...namespace, status: { conditions } } as Namespace;
        expect(planNamespaceConditions(reported, remaining, failures, startMs + 60_000)).toEqual(conditions);
      }),
    );
    const phases = fc.array(fc.constantFrom('Running' as const, 'Succeeded' as const, 'Failed' as const));
    fc.assert(
      fc.property(phases, fc.integer({ min: 1, max: 5 }), (all, threshold) => {
        const pods = all.map((phase, i) => makePod(`p${i}`, { phase }));
        const gone = planFinishedPods(pods, threshold).map(({ pod }) => pod);
        expect(
          planFinishedPods(
            pods.filter((pod) => !gone.includes(pod)),
            threshold,
          ),
        ).toEqual([]);
      }),
    );
  });
});
