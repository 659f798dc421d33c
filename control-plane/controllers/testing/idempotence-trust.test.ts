// Certificate requests, aggregated roles and bootstrap tokens come to rest: the plan after its own effect is empty.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CertificateSigningRequest } from '../../../api/kinds/certificates/index.ts';
import type { ConfigMap, Secret } from '../../../api/kinds/core/index.ts';
import type { ClusterRole } from '../../../api/kinds/rbac/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { planClusterInfo, planToken, signingTokenOf } from '../bootstrap-tokens/token.ts';
import { isOpen, planRequest } from '../certificates/plan.ts';
import { planRules } from '../cluster-role-aggregation/plan.ts';
import { isSame } from '../same.ts';
import { metaOf, startMs } from './fixtures.ts';

type Condition = 'Approved' | 'Denied' | 'Failed';

describe('a plan after its own effect is empty', () => {
  it('certificate requests: answered at most once, never against a denial, and forgotten in the end', () => {
    const signerName = fc.constantFrom(
      'kubernetes.io/kube-apiserver-client',
      'kubernetes.io/kube-apiserver-client-kubelet',
      'kubernetes.io/kubelet-serving',
      'example.com/other',
    );
    const usages = fc.uniqueArray(
      fc.constantFrom('digital signature', 'key encipherment', 'client auth', 'server auth', 'any'),
    );
    const state = fc.record({
      signerName,
      usages,
      groups: fc.constantFrom(['system:nodes'], ['system:bootstrappers'], ['others']),
      commonName: fc.constantFrom('system:node:n1', 'robot'),
      organizations: fc.constantFrom(['system:nodes'], ['system:masters'], []),
      dnsNames: fc.constantFrom([], ['n1'], ['elsewhere']),
      conditions: fc.uniqueArray(fc.constantFrom<Condition>('Approved', 'Denied', 'Failed')),
      canSign: fc.boolean(),
      ageMinutes: fc.integer({ min: 0, max: 2_000 }),
    });
    fc.assert(
      fc.property(state, ({ canSign, conditions, ageMinutes, commonName, organizations, dnsNames, ...spec }) => {
        let nowMs = startMs + ageMinutes * 60_000;
        const names = { commonName, organizations, dnsNames, ipAddresses: [] };
        const conditionOf = (type: Condition): object => ({
          type,
          status: 'True',
          lastUpdateTime: formatTime(nowMs),
        });
        let request = {
          metadata: metaOf('r'),
          spec: { ...spec, username: 'system:node:n1' },
          status: { conditions: conditions.map(conditionOf) },
        } as unknown as CertificateSigningRequest;
        const add = (type: Condition): void => {
          expect(request.status?.conditions?.map((one) => one.type)).not.toContain(type);
          const all = [...(request.status?.conditions ?? []), conditionOf(type)];
          request = { ...request, status: { ...request.status, conditions: all } } as CertificateSigningRequest;
        };
        /** The step done, or how long there is none. */
        const step = (): 'gone' | number | undefined => {
          const facts = isOpen(request) ? { names, nodeNames: ['n1'], canSign } : undefined;
          const plan = planRequest(request, facts, nowMs);
          if (plan.do === 'wait') return plan.forMs;
          if (plan.do === 'forget') return 'gone';
          expect(conditions).not.toContain('Denied');
          if (plan.do === 'approve') add('Approved');
          else if (plan.do === 'refuse') add('Failed');
          else {
            expect(plan.usages.length > 0 && canSign).toBe(true);
            expect(request.status?.certificate).toBeUndefined();
            request = { ...request, status: { ...request.status, certificate: 'PEM' } };
          }
          return undefined;
        };
        let writes = 0;
        for (let steps = 0; ; steps++) {
          expect(steps).toBeLessThan(40_000);
          const done = step();
          if (done === 'gone') break;
          if (done === undefined) expect(++writes).toBeLessThanOrEqual(2);
          else {
            expect(done).toBeGreaterThan(0);
            expect(step()).toBe(done);
            nowMs += done;
          }
        }
        expect(nowMs - startMs).toBeLessThanOrEqual((Math.max(ageMinutes, 24 * 60) + 24 * 60) * 60_000);
      }),
      { numRuns: 60 },
    );
  });

  it('aggregated roles: in one round, also where roles select each other', () => {
    const label = fc.constantFrom('a', 'b', 'c');
    const facts = fc.record({
      labels: fc.uniqueArray(label),
      selects: fc.option(fc.uniqueArray(label), { nil: undefined }),
      holds: fc.uniqueArray(fc.constantFrom('get', 'list', 'watch', 'create')),
    });
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 7 }), (all) => {
        let roles = all.map(({ labels, selects, holds }, i): ClusterRole => ({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: metaOf(`r${i}`, {
            namespace: undefined,
            labels: Object.fromEntries(labels.map((key) => [key, 'yes'])),
          }),
          ...(selects
            ? { aggregationRule: { clusterRoleSelectors: selects.map((key) => ({ matchLabels: { [key]: 'yes' } })) } }
            : {}),
          rules: holds.map((verb) => ({ verbs: [verb], apiGroups: [''], resources: ['pods'] })),
        }));
        const round = (): number => {
          let changes = 0;
          for (const role of roles) {
            const rules = planRules(role, roles);
            if (rules === undefined || isSame(rules, role.rules ?? [])) continue;
            changes++;
            roles = roles.map((one) => (one === role ? { ...one, rules } : one));
          }
          return changes;
        };
        round();
        expect(round()).toBe(0);
        const byHand = roles.filter(({ aggregationRule }) => !aggregationRule).flatMap(({ rules }) => rules ?? []);
        for (const { aggregationRule, rules = [] } of roles) {
          if (!aggregationRule) continue;
          expect(rules.every((rule) => byHand.some((known) => isSame(known, rule)))).toBe(true);
        }
      }),
    );
  });

  it('bootstrap tokens: gone when they have run out, and cluster-info signed by exactly those that are left', () => {
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    const token = fc.record({
      minutes: fc.option(fc.integer({ min: -5, max: 60 }), { nil: undefined }),
      maySign: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(token, { maxLength: 5 }), fc.boolean(), (all, isForeignSigned) => {
        let nowMs = startMs;
        let tokens = all.map(({ minutes, maySign }, i): Secret => {
          const fields = {
            'token-id': `token${i}`,
            'token-secret': '0123456789abcdef',
            'usage-bootstrap-signing': String(maySign),
            ...(minutes === undefined ? {} : { expiration: formatTime(startMs + minutes * 60_000) }),
          };
          return {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: metaOf(`bootstrap-token-token${i}`),
            type: 'bootstrap.kubernetes.io/token',
            data: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, encode(value)])),
          };
        });
        const foreign = { 'jws-kubeconfig-gone00': 'x' };
        const data = { kubeconfig: 'k', ...(isForeignSigned ? foreign : {}) };
        let info: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: metaOf('cluster-info'), data };
        const sync = (): { changes: number; forMs: number } => {
          const plans = tokens.map((one) => planToken(one, nowMs));
          const left = tokens.filter((_, i) => plans[i]?.do !== 'delete');
          const gone = tokens.length - left.length;
          tokens = left;
          const next = planClusterInfo(
            info,
            tokens.flatMap((one) => signingTokenOf(one, nowMs) ?? []),
          );
          info = next ?? info;
          const waits = plans.flatMap((plan) => (plan.do === 'wait' ? [plan.forMs] : []));
          return { changes: gone + Number(next !== undefined), forMs: Math.min(...waits) };
        };
        for (let rounds = 0; ; rounds++) {
          expect(rounds).toBeLessThan(8);
          sync();
          const { changes, forMs } = sync();
          expect(changes).toBe(0);
          if (forMs === Infinity) break;
          nowMs += forMs;
        }
        const signers = all.flatMap(({ minutes, maySign }, i) =>
          minutes === undefined && maySign ? [`jws-kubeconfig-token${i}`] : [],
        );
        expect(Object.keys(info.data ?? {}).sort()).toEqual([...signers, 'kubeconfig']);
        expect(tokens).toHaveLength(all.filter(({ minutes }) => minutes === undefined).length);
      }),
    );
  });
});
