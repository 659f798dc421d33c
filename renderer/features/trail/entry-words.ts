// An entry of a trail in words: where it happened, what it was, how it went. Pure; the words come from the locale.
import type { TrailEntryView, Tone } from '../../../api/console/index.ts';

export interface EntryWords {
  readonly where: string;
  readonly what: string;
  readonly result: string;
  readonly tone: Tone;
  /** What a command printed. */
  readonly output?: string;
}

type Translate = (key: string, values?: Record<string, unknown>) => string;

/** The words of an entry. */
export function entryWords(entry: TrailEntryView, t: Translate): EntryWords {
  switch (entry.kind) {
    case 'command': {
      const { machine, command, output, code } = entry;
      const result = code === null ? t('trail.cutOff') : t('trail.code', { code });
      return { where: machine, what: command, result, tone: code === 0 ? 'good' : 'warn', output };
    }
    case 'write': {
      const { method, object, status } = entry;
      const isGood = status > 0 && status < 400;
      return {
        where: '',
        what: `${method} ${object}`,
        result: status === 0 ? t('trail.noAnswer') : String(status),
        tone: isGood ? 'good' : 'bad',
      };
    }
    case 'container': {
      const { machine, pod, container, state, reason, exitCode } = entry;
      const more = [reason, exitCode === undefined ? undefined : t('trail.code', { code: exitCode })].filter(Boolean);
      const result = [t(`trail.states.${state}`), ...more].join(' · ');
      const isBad = state === 'waiting' || (exitCode ?? 0) !== 0;
      return {
        where: machine,
        what: container === '' ? pod : `${pod} · ${container}`,
        result,
        tone: isBad ? 'warn' : state === 'running' ? 'good' : 'idle',
      };
    }
    case 'end': {
      const { ok, what, message } = entry;
      return {
        where: '',
        what: message === '' ? what : `${what}: ${message}`,
        result: t(ok ? 'trail.done' : 'trail.failed'),
        tone: ok ? 'good' : 'bad',
      };
    }
  }
}
