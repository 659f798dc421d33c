// Tells in each FlowSchema's status whether the priority level that it names exists.
import { flowSchemas, type FlowSchema } from '../../../api/kinds/flowcontrol/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { isStoreError } from '../../store/errors.ts';
import type { ServerParts } from '../parts.ts';
import { storageKey } from '../registry/reader.ts';

/** Writes the condition Dangling where it is not as it should be. */
export async function writeDangling(
  { store, clock }: Pick<ServerParts, 'store' | 'clock'>,
  { metadata, spec, status }: Readonly<FlowSchema>,
  hasLevel: (name: string) => boolean,
): Promise<void> {
  const { name } = spec.priorityLevelConfiguration;
  const exists = hasLevel(name);
  const wanted = exists
    ? {
        status: 'False',
        reason: 'Found',
        message: `This FlowSchema references the PriorityLevelConfiguration object named "${name}" and it exists`,
      }
    : {
        status: 'True',
        reason: 'NotFound',
        message: `This FlowSchema references the PriorityLevelConfiguration object named "${name}" but there is no such object`,
      };
  const before = status?.conditions?.find(({ type }) => type === 'Dangling');
  if (before?.status === wanted.status && before.message === wanted.message) return;
  const stored = await store.get(storageKey(flowSchemas, '', metadata.name));
  if (stored === undefined) return;
  const next = stored.parse() as unknown as FlowSchema;
  const others = (next.status?.conditions ?? []).filter(({ type }) => type !== 'Dangling');
  const condition = { type: 'Dangling', ...wanted, lastTransitionTime: formatTime(clock.now()) };
  next.status = { ...next.status, conditions: [...others, condition] };
  try {
    await store.update(stored.key, next, stored.revision);
  } catch (error) {
    if (!isStoreError(error, 'Conflict') && !isStoreError(error, 'NotFound')) throw error;
  }
}
