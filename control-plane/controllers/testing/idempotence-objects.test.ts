// Budgets, volumes and endpoints come to rest: the plan after its own effect is empty, whatever the start.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoints, PersistentVolume, PersistentVolumeClaim } from '../../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import type { PodDisruptionBudget } from '../../../api/kinds/policy/index.ts';
import type { StorageClass } from '../../../api/kinds/storage/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { planBudget } from '../disruption/plan.ts';
import { planMirror } from '../endpoint-slice-mirroring/plan.ts';
import { planEndpoints } from '../endpoints/plan.ts';
import { localPathVolume } from '../persistent-volume/local-path.ts';
import { completedAnnotation, localPathProvisioner, planClaim, planVolume } from '../persistent-volume/plan.ts';
import { makePod, makeService, metaOf, startMs } from './fixtures.ts';

const podState = fc.record({
  phase: fc.constantFrom('Pending' as const, 'Running' as const, 'Succeeded' as const, 'Failed' as const),
  ready: fc.boolean(),
  deleting: fc.boolean(),
  disrupted: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
});
const amount = fc.oneof(
  fc.integer({ min: 0, max: 8 }),
  fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
);

describe('a plan after its own effect is empty', () => {
  it('PodDisruptionBudget: also later, until a granted disruption is forgotten', () => {
    const bound = fc.oneof(fc.record({ minAvailable: amount }), fc.record({ maxUnavailable: amount }));
    fc.assert(
      fc.property(bound, fc.array(podState, { maxLength: 8 }), fc.nat(10), (spec, states, more) => {
        const nowMs = startMs + 300_000;
        const pods = states.map((options, i) => makePod(`p${i}`, options));
        const disruptedPods = Object.fromEntries(
          states.flatMap(({ disrupted }, i) =>
            disrupted === undefined ? [] : [[`p${i}`, formatTime(startMs + disrupted * 1_000)]],
          ),
        );
        const budget: PodDisruptionBudget = {
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: metaOf('budget'),
          spec: { ...spec, selector: { matchLabels: {} } },
          status: { disruptedPods, currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
        };
        const expected = pods.length + more;
        const { status, requeueAfterMs } = planBudget(budget, pods, expected, nowMs);
        const reported = { ...budget, status };
        const untilMs = nowMs + (requeueAfterMs ?? 3_600_000) - 1;
        expect(planBudget(reported, pods, expected, nowMs).status).toEqual(status);
        expect(planBudget(reported, pods, expected, untilMs).status).toEqual(status);
        // What may be disrupted really leaves enough healthy pods.
        const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0 } = status;
        expect(disruptionsAllowed === 0 || currentHealthy - disruptionsAllowed >= desiredHealthy).toBe(true);
        // When a grant has lapsed, the count settles again.
        if (requeueAfterMs === undefined) return;
        const later = planBudget(reported, pods, expected, nowMs + requeueAfterMs);
        expect(later.status).not.toEqual(status);
        const settled = planBudget({ ...reported, status: later.status }, pods, expected, nowMs + requeueAfterMs);
        expect(settled.status).toEqual(later.status);
      }),
    );
  });

  it('PersistentVolumes and claims: every binding mutual, no volume promised twice', () => {
    const classes: Record<string, Partial<StorageClass>> = {
      static: { provisioner: 'kubernetes.io/no-provisioner' },
      late: { provisioner: localPathProvisioner, volumeBindingMode: 'WaitForFirstConsumer' },
      prompt: { provisioner: localPathProvisioner, volumeBindingMode: 'Immediate' },
    };
    const className = fc.constantFrom('static', 'late', 'prompt');
    const gibibytes = fc.integer({ min: 1, max: 5 });
    const volume = fc.record({
      className,
      gibibytes,
      reclaim: fc.constantFrom('Retain' as const, 'Delete' as const),
      for: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    });
    const claim = fc.record({
      className,
      gibibytes,
      isChosen: fc.boolean(),
      names: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(volume, { maxLength: 6 }),
        fc.array(claim, { maxLength: 6 }),
        fc.integer({ min: 0, max: 5 }),
        (volumeFacts, claimFacts, goes) => {
          const volumes = new Map<string, PersistentVolume>();
          const claims = new Map<string, PersistentVolumeClaim>();
          volumeFacts.forEach((facts, i) => {
            const claimRef = facts.for === undefined ? undefined : { namespace: 'default', name: `c${facts.for}` };
            volumes.set(`v${i}`, {
              apiVersion: 'v1',
              kind: 'PersistentVolume',
              metadata: metaOf(`v${i}`, { namespace: undefined }),
              spec: {
                capacity: { storage: `${facts.gibibytes}Gi` },
                accessModes: ['ReadWriteOnce'],
                storageClassName: facts.className,
                persistentVolumeReclaimPolicy: facts.reclaim,
                claimRef,
              },
            });
          });
          claimFacts.forEach((facts, i) => {
            const annotations = facts.isChosen ? { 'volume.kubernetes.io/selected-node': 'n' } : undefined;
            claims.set(`c${i}`, {
              apiVersion: 'v1',
              kind: 'PersistentVolumeClaim',
              metadata: metaOf(`c${i}`, { annotations }),
              spec: {
                accessModes: ['ReadWriteOnce'],
                storageClassName: facts.className,
                resources: { requests: { storage: `${facts.gibibytes}Gi` } },
                volumeName: facts.names === undefined ? undefined : `v${facts.names}`,
              },
            });
          });

          const bind = (name: string, to: PersistentVolume): void => {
            const known = claims.get(name);
            if (!known) return;
            const { uid, namespace, annotations } = known.metadata;
            volumes.set(to.metadata.name, {
              ...to,
              spec: { ...to.spec, claimRef: { namespace, name, uid } },
              status: { ...to.status, phase: 'Bound' },
            });
            claims.set(name, {
              ...known,
              metadata: { ...known.metadata, annotations: { ...annotations, [completedAnnotation]: 'yes' } },
              spec: { ...known.spec, volumeName: to.metadata.name },
              status: { phase: 'Bound' },
            });
          };
          const syncClaim = (name: string, one: PersistentVolumeClaim): boolean => {
            const storageClass = {
              metadata: metaOf(one.spec?.storageClassName ?? ''),
              ...classes[one.spec?.storageClassName ?? ''],
            } as StorageClass;
            const plan = planClaim(one, [...volumes.values()], storageClass);
            if (plan.do === 'bind') bind(name, plan.volume as PersistentVolume);
            else if (plan.do === 'provision') {
              const draft = localPathVolume(one, storageClass, 'n') as Draft<PersistentVolume>;
              const made = `pvc-${one.metadata.uid}`;
              bind(name, { ...draft, metadata: metaOf(made, draft.metadata) } as PersistentVolume);
            } else if (plan.do === 'lost' && one.status?.phase !== 'Lost')
              claims.set(name, { ...one, status: { phase: 'Lost' } });
            else return false;
            return true;
          };
          const syncVolume = (name: string, one: PersistentVolume): boolean => {
            const owner = claims.get(one.spec?.claimRef?.name ?? '');
            const plan = planVolume(one, owner?.metadata.uid === one.spec?.claimRef?.uid ? owner : undefined);
            if (plan.do === 'phase') volumes.set(name, { ...one, status: { ...one.status, phase: plan.phase } });
            else if (plan.do === 'delete') volumes.delete(name);
            return plan.do !== 'nothing';
          };
          const settle = (): void => {
            for (let round = 0; ; round++) {
              expect(round).toBeLessThan(20);
              const changes = [
                ...[...claims].map(([name, one]) => syncClaim(name, one)),
                ...[...volumes].map(([name, one]) => syncVolume(name, one)),
              ];
              if (!changes.includes(true)) break;
            }
            for (const [name, { spec, status }] of claims) {
              if (status?.phase !== 'Bound') continue;
              expect(volumes.get(spec?.volumeName ?? '')?.spec?.claimRef?.name).toBe(name);
            }
            const promised = [...claims.values()].filter(({ status }) => status?.phase === 'Bound');
            expect(new Set(promised.map(({ spec }) => spec?.volumeName)).size).toBe(promised.length);
          };
          settle();
          claims.delete(`c${goes}`);
          settle();
          volumes.delete(`v${goes}`);
          settle();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('Endpoints, and the EndpointSlices that mirror those kept by hand', () => {
    const place = fc.record({
      ready: fc.boolean(),
      deleting: fc.boolean(),
      ip: fc.integer({ min: 1, max: 250 }),
      isSix: fc.boolean(),
    });
    const places = fc.array(place, { maxLength: 20 });
    fc.assert(
      fc.property(places, places, fc.boolean(), (before, after, publishNotReadyAddresses) => {
        const service = makeService('web', { publishNotReadyAddresses });
        let endpoints: Endpoints | undefined;
        let slices: EndpointSlice[] = [];
        let made = 0;
        const sync = (states: typeof before): number => {
          const pods = states.map(({ ip, isSix, ...options }, i) =>
            makePod(`p${i}`, { ...options, labels: { app: 'web' }, ip: isSix ? `fd00::${ip}` : `10.0.0.${ip}` }),
          );
          const draft = planEndpoints(service, pods, endpoints);
          if (draft) endpoints = { ...draft, metadata: metaOf('web', draft.metadata) } as Endpoints;
          if (!endpoints) throw new Error('no endpoints');
          const plan = planMirror(endpoints, slices);
          slices = [
            ...slices
              .filter((slice) => !plan.delete.includes(slice))
              .map((slice) => plan.update.find(({ metadata }) => metadata.name === slice.metadata.name) ?? slice),
            ...plan.create.map(
              (one) => ({ ...one, metadata: metaOf(`s${made++}`, one.metadata) }) as unknown as EndpointSlice,
            ),
          ];
          return Number(draft !== undefined) + plan.create.length + plan.update.length + plan.delete.length;
        };
        sync(before);
        expect(sync(before)).toBe(0);
        sync(after);
        expect(sync(after)).toBe(0);
      }),
    );
  });
});
