// Writes what connections do into the audit record of their cluster.
import { createHash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { signingKey } from '../bundle/signature.ts';
import { systemClock } from '../../machinery/clock.ts';
import { currentTrace } from '../../machinery/trace.ts';
import { clusterPaths } from '../paths.ts';
import type { ExecOptions, ExecResult } from '../transport/contract.ts';
import { openAuditLog } from './audit-log.ts';

/** So much of an output is kept, from its end. */
const mostOutput = 32 * 1024;

/** Told of every command when it has ended. */
export type Recorder = (
  machine: string,
  command: string,
  options: ExecOptions,
  result: ExecResult | undefined,
  elapsedMs: number,
) => void;

/** Who acts, as `user@computer`. */
export function auditor(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** The recorder of cluster `id` under this console's home. */
export async function openRecorder(id: string, home?: string): Promise<Recorder> {
  const log = openAuditLog(clusterPaths(id, home).auditLog, await signingKey(home));
  const who = auditor();
  const trace = currentTrace();
  return (machine, command, { stdin, isSecret }, result, elapsedMs) => {
    trace?.begin();
    const whole = result === undefined ? '' : result.stdout + result.stderr;
    const isCut = isSecret === true || whole.length > mostOutput;
    log.append({
      at: new Date(systemClock.now()).toISOString(),
      who,
      machine,
      command,
      ...(typeof stdin === 'string' || stdin instanceof Uint8Array ? { inputBytes: Buffer.byteLength(stdin) } : {}),
      code: result?.code ?? null,
      output: isSecret === true ? `[${whole.length} characters]` : whole.slice(-mostOutput),
      ...(isCut ? { outputSha256: createHash('sha256').update(whole).digest('hex') } : {}),
      elapsedMs: Math.round(elapsedMs),
      ...(trace === undefined ? {} : { trace: trace.id }),
    });
  };
}
