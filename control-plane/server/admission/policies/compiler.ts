// Compiles what strangers wrote in short turns, once: a policy is judged when it is written, and then followed by every
// server, and both find what was compiled before. Guarantees: the same text gives the same outcome, however asked.
import { createHash } from 'node:crypto';
import { finish, finishInTurns, nextTurn, type Turns } from '../../crd/rules/turns.ts';

/** Characters of expressions that are compiled in one turn of the event loop: some ten milliseconds. */
export const turnCharacters = 4096;
const mostKept = 32;

/** What was compiled since the last turn. */
export class Progress {
  #characters = 0;

  /** Rests when the expression compiled last fills the turn. */
  *after(source: string): Turns<void> {
    this.#characters += source.length;
    if (this.#characters < turnCharacters) return;
    this.#characters = 0;
    yield;
  }
}

/** Compiles sources of one kind. */
export interface Compiler<Source, Compiled> {
  /** At once: what may be large is prepared before. */
  now(source: Source): Compiled;
  /** In many short turns; `now` then finds it. */
  prepare(source: Source, pause?: () => Promise<void>): Promise<Compiled>;
}

/** A compiler; `textOf` is all of a source that its outcome depends on. */
export function createCompiler<Source, Compiled>(
  textOf: (source: Source) => unknown,
  compile: (source: Source, progress: Progress) => Turns<Compiled>,
): Compiler<Source, Compiled> {
  const kept = new Map<string, Compiled>();
  const underWay = new Map<string, Promise<Compiled>>();
  const keyOf = (source: Source): string =>
    createHash('sha256')
      .update(JSON.stringify(textOf(source)) ?? '')
      .digest('base64');
  const keep = (key: string, compiled: Compiled): Compiled => {
    kept.set(key, compiled);
    const oldest = kept.size > mostKept ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    return compiled;
  };
  return {
    now(source) {
      const key = keyOf(source);
      return kept.get(key) ?? keep(key, finish(compile(source, new Progress())));
    },
    prepare(source, pause = nextTurn) {
      const key = keyOf(source);
      const known = kept.get(key);
      if (known !== undefined) return Promise.resolve(known);
      let work = underWay.get(key);
      if (work === undefined) {
        work = finishInTurns(compile(source, new Progress()), pause)
          .then((compiled) => keep(key, compiled))
          .finally(() => underWay.delete(key));
        underWay.set(key, work);
      }
      return work;
    },
  };
}
