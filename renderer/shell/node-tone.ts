// The tone and word of a machine: its own state first, then what was decided about it.
import type { NodeRow, Tone } from '../../api/console/index.ts';

/** The locale key below `nodes.states` and the tone. */
export function nodeWord(node: NodeRow): {
  tone: Tone;
  key: 'ready' | 'notReady' | 'unknown' | 'cordoned' | 'pressure';
} {
  if (node.state === 'notReady') return { tone: 'bad', key: 'notReady' };
  if (node.state === 'unknown') return { tone: 'bad', key: 'unknown' };
  if (node.pressures.length > 0) return { tone: 'warn', key: 'pressure' };
  return node.cordoned ? { tone: 'idle', key: 'cordoned' } : { tone: 'good', key: 'ready' };
}
