// Lines of several logs in one order of time, and which of them are wanted. Pure.
import type { LogBatch } from '../../../api/console/index.ts';
import { readableLine } from '../../ui/log-text.ts';

export type Level = 'error' | 'warn' | 'info' | 'debug';

export interface MergedLine {
  readonly id: number;
  readonly source: number;
  readonly at?: number;
  readonly text: string;
  readonly level: Level | undefined;
}

const mostLines = 20_000;
const patterns: readonly (readonly [Level, RegExp])[] = [
  ['error', /\b(?:fatal|panic|error|err|critical|emerg|alert)\b|^E\d{4}\b|"level":"?(?:50|60)\b/i],
  ['warn', /\b(?:warn|warning)\b|^W\d{4}\b|"level":"?40\b/i],
  ['debug', /\b(?:debug|trace)\b|"level":"?(?:10|20)\b/i],
  ['info', /\b(?:info|notice)\b|^I\d{4}\b|"level":"?30\b/i],
];
const head = 160;

/** The level a line names near its beginning, as loggers write it. */
export function levelOf(text: string): Level | undefined {
  const beginning = text.slice(0, head);
  return patterns.find(([, pattern]) => pattern.test(beginning))?.[0];
}

/** The kept lines with a batch added: in the order of time, the newest `mostLines`. */
export function addBatch(kept: readonly MergedLine[], batch: LogBatch['lines'], nextId: number): readonly MergedLine[] {
  const fresh = batch.map(({ source, at, text }, index): MergedLine => {
    const readable = readableLine(text);
    return { id: nextId + index, source, at, text: readable, level: levelOf(readable) };
  });
  const last = kept.at(-1)?.at ?? 0;
  const all = [...kept, ...fresh];
  if ((fresh[0]?.at ?? last) < last) all.sort((left, right) => (left.at ?? 0) - (right.at ?? 0) || left.id - right.id);
  return all.slice(-mostLines);
}

/** What a search finds: plain words, or a regular expression; `undefined` when the expression is none. */
export function matcherOf(search: string, isRegex: boolean): ((text: string) => boolean) | undefined {
  if (search === '') return () => true;
  if (!isRegex) {
    const wanted = search.toLowerCase();
    return (text) => text.toLowerCase().includes(wanted);
  }
  try {
    const expression = new RegExp(search, 'i');
    return (text) => expression.test(text);
  } catch {
    return undefined; // still being typed
  }
}
