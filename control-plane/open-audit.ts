// Opens the audit log that the options ask for: the policy is read once, at start; a bad one stops the start.
import { systemClock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logger.ts';
import type { AuditOptions } from './flags.ts';
import { readConfigured } from './read-configured.ts';
import { openAuditLog, type AuditLog } from './server/audit/log-file.ts';
import type { AuditPolicy } from './server/audit/policy.ts';
import { readAuditPolicy } from './server/audit/read-policy.ts';

/** The policy and the open log; the caller closes it. */
export async function openAudit(
  { policyFile, logPath, ...limits }: AuditOptions,
  logger: Logger,
): Promise<{ readonly policy: AuditPolicy; readonly sink: AuditLog }> {
  const policy = (await readConfigured('audit-policy-file', policyFile, readAuditPolicy)) as AuditPolicy;
  const sink = await openAuditLog({
    path: logPath,
    ...limits,
    clock: systemClock,
    logger: logger.child({ part: 'audit' }),
  });
  return { policy, sink };
}
