import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../kinds/apps/index.ts';
import { deployments } from '../../kinds/apps/index.ts';
import { configMaps, services, type ConfigMap } from '../../kinds/core/index.ts';
import { isApiError } from '../../meta/status.ts';
import { applyServerSide, trackUpdate } from './index.ts';

const time = '2026-11-23T12:00:00Z';
const meta = { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: time };

function apply<T>(
  live: object | undefined,
  applied: object,
  manager: string,
  force = false,
  resource: { schema: unknown } = deployments,
): T {
  return applyServerSide(resource.schema as never, live as never, applied, {
    manager,
    apiVersion: 'apps/v1',
    time,
    force,
    ownStatus: true,
  }) as T;
}

function conflictOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isApiError(error, 'Conflict')) return error.message;
    throw error;
  }
  return 'none';
}

const web = {
  metadata: { name: 'a' },
  spec: { replicas: 1, template: { spec: { containers: [{ name: 'web', image: 'nginx:1' }] } } },
};

describe('server-side apply', () => {
  it('creates, and notes who owns what', () => {
    const created = apply<Deployment>(undefined, web, 'ann');
    expect(created.metadata.managedFields).toEqual([
      {
        manager: 'ann',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:template': {
              'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
            },
          },
        },
      },
    ]);
  });

  it('adds to what others applied, element by element', () => {
    const first = apply<Deployment>(undefined, web, 'ann');
    const second = apply<Deployment>(
      first,
      {
        metadata: { labels: { x: '1' } },
        spec: { template: { spec: { containers: [{ name: 'log', image: 'l:1' }] } } },
      },
      'bob',
    );
    expect(second.spec.template.spec.containers.map(({ name }) => name).sort()).toEqual(['log', 'web']);
    expect(second.metadata.labels).toEqual({ x: '1' });
  });

  it('refuses to change what another owns, says what, and takes it with force', () => {
    const live = apply<Deployment>(undefined, web, 'ann');
    const wish = { spec: { replicas: 3 } };
    expect(conflictOf(() => apply(live, wish, 'bob'))).toBe(
      'Apply failed with 1 conflict: conflict with "ann": .spec.replicas',
    );
    const taken = apply<Deployment>(live, wish, 'bob', true);
    expect(taken.spec.replicas).toBe(3);
    expect(conflictOf(() => apply(taken, { spec: { replicas: 1 } }, 'ann'))).toContain('conflict with "bob"');
  });

  it('shares what two want alike', () => {
    const live = apply<Deployment>(apply(undefined, web, 'ann'), { spec: { replicas: 1 } }, 'bob');
    const left = apply<Deployment>(live, { metadata: { name: 'a' }, spec: { template: web.spec.template } }, 'ann');
    expect(left.spec.replicas).toBe(1);
  });

  it('takes away what its manager no longer applies and nobody else wants', () => {
    const live = apply<Deployment>(undefined, { ...web, metadata: { name: 'a', labels: { x: '1', y: '2' } } }, 'ann');
    const defaulted = { ...live, spec: { ...live.spec, revisionHistoryLimit: 10 } };
    const next = apply<Deployment>(
      defaulted,
      {
        metadata: { labels: { y: '2' } },
        spec: { template: { spec: { containers: [{ name: 'other', image: 'o:1' }] } } },
      },
      'ann',
    );
    expect(next.metadata.labels).toEqual({ y: '2' });
    expect(next.spec).toEqual({
      revisionHistoryLimit: 10,
      template: { spec: { containers: [{ name: 'other', image: 'o:1' }] } },
    });
  });

  it('keeps of a given-up element what others own', () => {
    const live = apply<Deployment>(undefined, web, 'ann');
    const shared = apply<Deployment>(
      live,
      { spec: { template: { spec: { containers: [{ name: 'web', tty: true }] } } } },
      'bob',
    );
    const next = apply<Deployment>(shared, { spec: { replicas: 1 } }, 'ann');
    expect(next.spec.template.spec.containers).toEqual([{ name: 'web', tty: true }]);
  });

  it('conflicts with whoever wrote before anybody kept track', () => {
    const live = { apiVersion: 'apps/v1', kind: 'Deployment', ...web, metadata: meta };
    expect(conflictOf(() => apply(live, { spec: { replicas: 2 } }, 'ann'))).toBe(
      `Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1 at ${time}: .spec.replicas`,
    );
    expect(conflictOf(() => apply(live, { spec: { replicas: 1 } }, 'ann'))).toBe('none');
  });

  it('lists all conflicts, with keys of elements', () => {
    const live = apply<Deployment>(undefined, web, 'ann');
    const wish = { spec: { replicas: 2, template: { spec: { containers: [{ name: 'web', image: 'x' }] } } } };
    expect(conflictOf(() => apply(live, wish, 'bob'))).toBe(
      'Apply failed with 2 conflicts: conflicts with "ann":\n- .spec.replicas\n- .spec.template.spec.containers[name="web"].image',
    );
  });

  it('takes defaults of list keys into account', () => {
    const live = { ...meta, metadata: meta, spec: { ports: [{ port: 80, protocol: 'TCP', nodePort: 30000 }] } };
    const next = apply<{ spec: { ports: object[] } }>(
      live,
      { spec: { ports: [{ port: 80, name: 'http' }] } },
      'ann',
      true,
      services,
    );
    expect(next.spec.ports).toEqual([{ port: 80, protocol: 'TCP', nodePort: 30000, name: 'http' }]);
  });

  it('refuses a draft that says who manages it', () => {
    expect(() => apply(undefined, { metadata: { managedFields: [{}] } }, 'ann')).toThrow(
      'metadata.managedFields must be nil',
    );
  });

  it('treats kinds without a schema by their shape: objects merge, lists are one value', () => {
    const live = applyServerSide(undefined, undefined, { metadata: {}, spec: { a: { b: 1 }, list: [1, 2] } } as never, {
      manager: 'ann',
      apiVersion: 'x/v1',
      time,
      force: false,
    });
    const next = applyServerSide(undefined, live, { spec: { a: { c: 2 } } } as never, {
      manager: 'bob',
      apiVersion: 'x/v1',
      time,
      force: false,
    });
    expect(next).toMatchObject({ spec: { a: { b: 1, c: 2 }, list: [1, 2] } });
    expect(
      conflictOf(() =>
        applyServerSide(undefined, next, { spec: { list: [3] } } as never, {
          manager: 'bob',
          apiVersion: 'x/v1',
          time,
          force: false,
        }),
      ),
    ).toContain('.spec.list');
  });
});

describe('updates', () => {
  const track = (previous: object | undefined, next: object, manager: string): Deployment =>
    trackUpdate(deployments.schema, previous as never, next as never, {
      manager,
      apiVersion: 'apps/v1',
      time,
      ownStatus: true,
    });

  it('own what they change, and an apply conflicts with them', () => {
    const live = apply<Deployment>(undefined, web, 'ann');
    const scaled = track(live, { ...live, spec: { ...live.spec, replicas: 5 } }, 'scaler');
    expect(scaled.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
      'ann Apply',
      'scaler Update',
    ]);
    expect(conflictOf(() => apply(scaled, web, 'ann'))).toBe(
      `Apply failed with 1 conflict: conflict with "scaler" using apps/v1 at ${time}: .spec.replicas`,
    );
  });

  it('of nothing note nothing', () => {
    const live = apply<Deployment>(undefined, web, 'ann');
    expect(track(live, { ...live }, 'scaler')).toEqual(live);
  });

  it('remember at most ten updaters by name', () => {
    let live = track(undefined, { metadata: { ...meta }, data: {} }, 'm0');
    for (let index = 1; index < 15; index += 1) {
      live = track(
        live,
        { ...live, metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, [`a${index}`]: 'x' } } },
        `m${index}`,
      );
    }
    const names = live.metadata.managedFields?.map(({ manager }) => manager);
    expect(names).toHaveLength(10);
    expect(names).toContain('ancient-changes');
  });
});

describe('whatever is applied', () => {
  const data = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'));
  const applyMap = (live: ConfigMap | undefined, wish: object, manager: string): ConfigMap =>
    apply<ConfigMap>(live, { data: wish }, manager, true, configMaps);

  it('is there afterwards; applying it again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('ann', 'bob', 'cid'), data), { minLength: 1, maxLength: 6 }),
        (applies) => {
          let live: ConfigMap | undefined;
          for (const [manager, wish] of applies) {
            live = applyMap(live, wish, manager);
            expect(live.data ?? {}).toMatchObject(wish);
            expect(applyMap(live, wish, manager)).toEqual(live);
          }
        },
      ),
    );
  });

  it('is gone when every manager gave it up', () => {
    fc.assert(
      fc.property(data, data, (first, second) => {
        let live = applyMap(applyMap(undefined, first, 'ann'), second, 'bob');
        live = applyMap(applyMap(live, {}, 'ann'), {}, 'bob');
        expect(Object.keys(live.data ?? {})).toEqual([]);
      }),
    );
  });

  it('belongs to somebody: every key of the data has an owner, and no owner has another key', () => {
    fc.assert(
      fc.property(data, data, (first, second) => {
        const live = applyMap(applyMap(undefined, first, 'ann'), second, 'bob');
        const owned = (live.metadata.managedFields ?? []).flatMap(({ fieldsV1 }) =>
          Object.keys((fieldsV1?.['f:data'] ?? {}) as object),
        );
        const keys = owned.filter((key) => key !== '.').map((key) => key.slice(2));
        expect(new Set(keys)).toEqual(new Set(Object.keys(live.data ?? {})));
      }),
    );
  });
});
