// Line differences for reading: a few kept lines around each change, the rest folded.
import { diffLines } from 'diff';

export type DiffPart =
  | { readonly kind: 'kept' | 'added' | 'removed'; readonly text: string }
  | { readonly kind: 'folded'; readonly count: number };

const contextLines = 3;

/** The parts of a diff from `before` to `after`, in reading order. */
export function diffOfLines(before: string, after: string): readonly DiffPart[] {
  const changes = diffLines(before, after);
  return changes.flatMap((change, index): DiffPart[] => {
    const lines = change.value.replace(/\n$/, '').split('\n');
    if (change.added) return lines.map((text) => ({ kind: 'added', text }));
    if (change.removed) return lines.map((text) => ({ kind: 'removed', text }));
    const head = index === 0 ? 0 : contextLines;
    const tail = index === changes.length - 1 ? 0 : contextLines;
    if (lines.length <= head + tail + 1) return lines.map((text) => ({ kind: 'kept', text }));
    const kept = (some: string[]): DiffPart[] => some.map((text) => ({ kind: 'kept', text }));
    return [
      ...kept(lines.slice(0, head)),
      { kind: 'folded', count: lines.length - head - tail },
      ...kept(tail === 0 ? [] : lines.slice(-tail)),
    ];
  });
}
