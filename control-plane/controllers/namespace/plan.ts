// The conditions by which a namespace that is going away says what it waits for, in upstream's words. Pure.
import type { Namespace, NamespaceCondition } from '../../../api/kinds/core/index.ts';
import type { Remaining } from './content.ts';
import { formatTime } from '../../../api/meta/time.ts';

/** Conditions for one round of emptying; the times of those that stay as they were stay. */
export function planNamespaceConditions(
  namespace: Readonly<Namespace>,
  remaining: Remaining,
  discoveryFailures: readonly string[],
  nowMs: number,
): NamespaceCondition[] {
  const counts = (map: ReadonlyMap<string, number>, join: string): string =>
    [...map]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${name} ${join} ${count} resource instances`)
      .join(', ');
  const conditions: [type: string, isTrue: boolean, reason: string, message: string, fine: [string, string]][] = [
    [
      'NamespaceDeletionDiscoveryFailure',
      discoveryFailures.length > 0,
      'DiscoveryFailed',
      `Discovery failed for some groups, ${discoveryFailures.length} failing: ${discoveryFailures.join(', ')}`,
      ['ResourcesDiscovered', 'All resources successfully discovered'],
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      '',
      '',
      ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    ],
    [
      'NamespaceDeletionContentFailure',
      remaining.failures.length > 0,
      'ContentDeletionFailed',
      `Failed to delete all resource types, ${remaining.failures.length} remaining: ${remaining.failures.join(', ')}`,
      ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    ],
    [
      'NamespaceContentRemaining',
      remaining.objects.size > 0,
      'SomeResourcesRemain',
      `Some resources are remaining: ${counts(remaining.objects, 'has')}`,
      ['ContentRemoved', 'All content successfully removed'],
    ],
    [
      'NamespaceFinalizersRemaining',
      remaining.finalizers.size > 0,
      'SomeFinalizersRemain',
      `Some content in the namespace has finalizers remaining: ${counts(remaining.finalizers, 'in')}`,
      ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    ],
  ];
  return conditions.map(([type, isTrue, reason, message, fine]) => {
    const next = isTrue
      ? { type, status: 'True', reason, message }
      : { type, status: 'False', reason: fine[0], message: fine[1] };
    const known = namespace.status?.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime = known?.status === next.status ? known.lastTransitionTime : formatTime(nowMs);
    return { ...next, lastTransitionTime };
  });
}
