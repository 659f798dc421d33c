// A pki folder that changes under a running process: certificates are renewed at two thirds of their life, and what anybody
// else writes into the folder (a console that rotates an authority) is noticed. Whoever uses certificates is told and takes
// the new ones for its next connections; connections that stand are not touched.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { ensurePki } from './ensure.ts';
import type { Pki, PkiOptions } from './ensure.ts';
import { pkiFiles } from './layout.ts';

export interface LivePki {
  readonly current: Pki;
  /** Called after `current` has changed. */
  onDidChange(listener: (pki: Pki) => void | Promise<void>): void;
  /** Watches and renews until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface LivePkiOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two looks at the files. Default five seconds. */
  readonly lookMs?: number;
  /** Between two looks at what is due. Default ten minutes. */
  readonly renewMs?: number;
  /** Certificates of other makers, by path, whose change is told as the folder's own is. Default none. */
  readonly others?: readonly string[];
}

const files = Object.values(pkiFiles).flatMap((pair) => Object.values(pair));

/** Makes or completes the folder as `ensurePki` does, and stays with it. */
export async function openLivePki(dir: string, options: PkiOptions, about: LivePkiOptions): Promise<LivePki> {
  const { clock, logger, lookMs = 5_000, renewMs = 600_000, others = [] } = about;
  const listeners: ((pki: Pki) => void | Promise<void>)[] = [];
  let current = await ensurePki(dir, options);
  const own = files.map((file) => join(dir, file));
  let seen = await stampOf(own);
  let seenOthers = await stampOf(others);
  let lookedAtMs = clock.now();

  const look = async (): Promise<void> => {
    const stampOfOthers = await stampOf(others);
    const othersChanged = stampOfOthers !== seenOthers;
    if (!othersChanged && (await stampOf(own)) === seen && clock.now() - lookedAtMs < renewMs) return;
    lookedAtMs = clock.now();
    const next = await ensurePki(dir, options);
    seen = await stampOf(own);
    if (!othersChanged && JSON.stringify(next) === JSON.stringify(current)) return;
    current = next;
    logger.info({ dir }, 'certificates changed; new connections use them');
    for (const listener of listeners) await listener(next);
    seenOthers = stampOfOthers;
  };

  return {
    get current() {
      return current;
    },
    onDidChange: (listener) => void listeners.push(listener),
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(lookMs, signal);
        if (signal.aborted) return;
        try {
          await look();
        } catch (err) {
          // Half written by somebody: the next look finds it whole.
          logger.warn({ err, dir }, 'reading certificates anew; trying again');
        }
      }
    },
  };
}

async function stampOf(paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined); // a master does not hold every key
      return found === undefined ? '-' : `${found.ino}:${found.mtimeMs}:${found.size}`;
    }),
  );
  return stamps.join(' ');
}
