import { describe, expect, it } from 'vitest';
import type { IPAddress, ServiceCIDR } from '../../../api/kinds/networking/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { makeService, metaOf, startMs } from '../testing/fixtures.ts';
import { planAddress, planService } from '../service-ip-repair/plan.ts';
import { allocatorName, cidrFinalizer, managedByLabel, planServiceCidr, rangesOf } from './plan.ts';
import { contains, parseAddress, parseRange } from './ranges.ts';

function cidrOf(name: string, range: string, deletedMs?: number): ServiceCIDR {
  const deletionTimestamp = deletedMs === undefined ? undefined : formatTime(deletedMs);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: metaOf(name, { namespace: undefined, finalizers: [cidrFinalizer], deletionTimestamp }),
    spec: { cidrs: [range] },
    status: { conditions: [{ type: 'Ready', status: 'True', reason: '', message: '', lastTransitionTime: '' }] },
  } as unknown as ServiceCIDR;
}
function addressOf(name: string, parent = 'web', createdMs = startMs): IPAddress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: metaOf(name, {
      namespace: undefined,
      labels: { [managedByLabel]: allocatorName },
      creationTimestamp: formatTime(createdMs),
    }),
    spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: parent } },
  };
}

describe('ranges', () => {
  it.each([
    ['10.96.0.0/16', '10.96.255.255', true],
    ['10.96.0.0/16', '10.97.0.0', false],
    ['10.96.0.0/12', '10.111.1.1', true],
    ['10.96.0.128/25', '10.96.0.127', false],
    ['fd00::/108', 'fd00::f:ffff', true],
    ['fd00::/108', '10.96.0.1', false],
    ['0.0.0.0/0', '1.2.3.4', true],
  ])('%s holds %s: %s', (outer, inner, expected) => {
    const [range, address] = [parseRange(outer), parseAddress(inner)];
    if (!range || !address) throw new Error('unreadable');
    expect(contains(range, address)).toBe(expected);
  });
});

describe('a ServiceCIDR that is deleted', () => {
  const leaving = cidrOf('extra', '10.97.0.0/24', startMs);
  it('waits for the addresses that only it holds, and says so', () => {
    const plan = planServiceCidr(leaving, [leaving], [addressOf('10.97.0.9')], startMs + 60_000);
    expect(plan).toMatchObject({ do: 'report', condition: { status: 'False', reason: 'Terminating' } });
  });
  it('goes when another range holds them too', () => {
    const wider = cidrOf('wider', '10.97.0.0/16');
    expect(planServiceCidr(leaving, [leaving, wider], [addressOf('10.97.0.9')], startMs + 60_000)).toEqual({
      do: 'release',
    });
  });
  it('goes no sooner than allocators can have heard of it', () => {
    expect(planServiceCidr(leaving, [leaving], [], startMs + 4_000)).toEqual({ do: 'wait', forMs: 6_000 });
    expect(planServiceCidr(leaving, [leaving], [], startMs - 3_600_000)).toEqual({ do: 'wait', forMs: 10_000 });
  });
});

describe('the address of a Service', () => {
  const ranges = rangesOf(cidrOf('kubernetes', '10.96.0.0/16'));
  const service = makeService('web');
  const reasons = (clusterIP: string, address: IPAddress | undefined, rival = false) =>
    planService(
      makeService('web', { clusterIP }),
      ranges,
      () => address,
      () => (rival ? makeService('other', { clusterIP }) : undefined),
    ).complaints.map(({ reason }) => reason);

  it.each([
    ['is as it should be', '10.96.0.7', addressOf('10.96.0.7'), false, []],
    ['is missing', '10.96.0.7', undefined, false, ['ClusterIPNotAllocated']],
    ['names a Service that is gone', '10.96.0.7', addressOf('10.96.0.7', 'gone'), false, ['ClusterIPNotAllocated']],
    ['is another one’s too', '10.96.0.7', addressOf('10.96.0.7', 'other'), true, ['ClusterIPAlreadyAllocated']],
    ['is out of range', '10.1.0.7', undefined, false, ['ClusterIPOutOfRange']],
    ['is none', 'None', undefined, false, []],
  ])('%s', (_, clusterIP, address, rival, expected) => {
    expect(reasons(clusterIP, address, rival)).toEqual(expected);
  });

  it('is given back a minute after its Service went, never while the Service may still be written', () => {
    const address = addressOf('10.96.0.9', 'gone');
    expect(planAddress(address, undefined, startMs + 30_000)).toEqual({ do: 'wait', forMs: 30_000 });
    expect(planAddress(address, undefined, startMs + 61_000)).toMatchObject({ do: 'delete' });
    expect(planAddress(addressOf('10.96.0.7'), service, startMs + 61_000)).toEqual({ do: 'nothing' });
    expect(planAddress(addressOf('10.96.0.8'), service, startMs + 61_000)).toMatchObject({
      do: 'delete',
      complaint: { reason: 'IPAddressWrongReference' },
    });
  });
});
