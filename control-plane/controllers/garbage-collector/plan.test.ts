import { describe, expect, it } from 'vitest';
import type { GarbagePlan, OwnerState } from './plan.ts';
import { planGarbage } from './plan.ts';

const owners = (...states: OwnerState[]) => ({
  ownerReferences: states.map((state, i) => ({ apiVersion: 'v1', kind: 'Thing', name: state, uid: `${state}-${i}` })),
});
const stateOf = ({ uid }: { uid: string }): OwnerState => uid.split('-')[0] as OwnerState;

describe('an object with owners', () => {
  it.each<[string, OwnerState[], string[], { count: number; isAnyDeleting: boolean }, GarbagePlan]>([
    ['stays with one that exists', ['solid'], [], { count: 0, isAnyDeleting: false }, { do: 'nothing' }],
    [
      'lets go of absent owners while one exists',
      ['solid', 'absent'],
      [],
      { count: 0, isAnyDeleting: false },
      { do: 'release', uids: ['absent-1'] },
    ],
    [
      'lets go of leaving owners while one exists',
      ['waiting', 'solid'],
      [],
      { count: 0, isAnyDeleting: false },
      { do: 'release', uids: ['waiting-0'] },
    ],
    [
      'goes when all are absent',
      ['absent', 'absent'],
      [],
      { count: 3, isAnyDeleting: false },
      { do: 'delete', policy: 'Background' },
    ],
    [
      'keeps the way its own deletion was asked for',
      ['absent'],
      ['orphan'],
      { count: 0, isAnyDeleting: false },
      { do: 'delete', policy: 'Orphan' },
    ],
    [
      'goes in the foreground when its owner does and it has dependents',
      ['waiting'],
      [],
      { count: 1, isAnyDeleting: false },
      { do: 'delete', policy: 'Foreground' },
    ],
    [
      'unblocks its owner when dependents wait in a circle',
      ['waiting'],
      [],
      { count: 1, isAnyDeleting: true },
      { do: 'delete', policy: 'Foreground', unblock: true },
    ],
    [
      'goes at once when its owner waits for it alone',
      ['waiting'],
      [],
      { count: 0, isAnyDeleting: false },
      { do: 'delete', policy: 'Background' },
    ],
    ['stays when it has no owner', [], [], { count: 0, isAnyDeleting: false }, { do: 'nothing' }],
  ])('%s', (_title, states, finalizers, dependents, expected) => {
    expect(planGarbage({ ...owners(...states), finalizers }, stateOf, dependents)).toEqual(expected);
  });
});
