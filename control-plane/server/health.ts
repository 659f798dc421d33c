// /healthz, /livez and /readyz: each a list of named checks, one line each when verbose, individually at `/NAME`.
import type { Exchange } from './http/exchange.ts';

/** One named check; rejects with the reason when it does not pass. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<void> | void;
}

/** The checks behind the three endpoints. */
export interface Health {
  readonly live: readonly HealthCheck[];
  readonly ready: readonly HealthCheck[];
  /** Told of each check that a client asked for. */
  readonly onDidCheck?: (endpoint: string, name: string, passed: boolean) => void;
}

interface Outcome {
  readonly name: string;
  readonly failure: string | undefined;
}

/** Runs checks together. */
export function runChecks(checks: readonly HealthCheck[]): Promise<Outcome[]> {
  return Promise.all(
    checks.map(async ({ name, check }) => {
      try {
        await check();
        return { name, failure: undefined };
      } catch (error) {
        return { name, failure: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

/** Answers a health path; false when it is none. */
export async function serveHealth(health: Health, exchange: Exchange, segments: readonly string[]): Promise<boolean> {
  const [endpoint = '', single] = segments;
  const checks = endpoint === 'readyz' ? [...health.live, ...health.ready] : health.live;
  if (endpoint !== 'healthz' && endpoint !== 'livez' && endpoint !== 'readyz') return false;
  const excluded = new Set(exchange.query.getAll('exclude'));
  const chosen = checks.filter(({ name }) => (single === undefined ? !excluded.has(name) : name === single));
  if (single !== undefined && chosen.length === 0) return false;
  const outcomes = await runChecks(chosen);
  for (const { name, failure } of outcomes) health.onDidCheck?.(endpoint, name, failure === undefined);
  const isOk = outcomes.every(({ failure }) => failure === undefined);
  const isVerbose = exchange.query.has('verbose') || !isOk;
  const lines = outcomes.map(({ name, failure }) =>
    failure === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`,
  );
  const body = isVerbose ? `${lines.join('\n')}\n${endpoint} check ${isOk ? 'passed' : 'failed'}\n` : 'ok';
  exchange.send(isOk ? 200 : 500, 'text/plain; charset=utf-8', body);
  return true;
}
