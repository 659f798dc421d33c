// Watches over the cluster with every console closed, and tells by e-mail and webhook. The elected master tells; when the
// quorum is lost nobody can be elected, so then every master tells what it sees. What was told is remembered in the
// ConfigMap kube-system/pilothouse-alerts, so that a new master does not tell it again.
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { ClusterData } from '../cluster-data.ts';
import { deliver } from './deliver.ts';
import { gatherFacts } from './gather.ts';
import type { GatherOptions } from './gather.ts';
import { planMessages } from './plan-messages.ts';
import type { AlertState } from './plan-messages.ts';
import { findAlerts } from './rules.ts';
import { readAlertSettings } from './settings.ts';
import type { AlertSettings } from './settings.ts';

const lookMs = 15_000;
export const alertsName = 'pilothouse-alerts';

export interface AlertsOptions extends Omit<GatherOptions, 'now'> {
  readonly data: ClusterData;
  readonly isElected: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts. */
export async function runAlerts(options: AlertsOptions): Promise<void> {
  const { clock, logger, signal } = options;
  const memory: Memory = { states: [] };
  while (!signal.aborted) {
    try {
      await look(options, memory);
    } catch (err) {
      if (!signal.aborted) logger.warn({ err }, 'looking for alerts; trying again');
    }
    await clock.sleep(lookMs, signal);
  }
}

/** What a master knows when the cluster cannot be asked. */
interface Memory {
  states: readonly AlertState[];
  settings?: AlertSettings;
}

async function look(options: AlertsOptions, memory: Memory): Promise<void> {
  const { data, clock, logger, signal } = options;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(20_000)]);
  const asked = await readAlertSettings(data, limit).then(
    (settings) => ({ settings }),
    () => undefined, // no quorum: what was known last holds
  );
  if (asked !== undefined) memory.settings = asked.settings;
  const { settings } = memory;
  if (settings === undefined) return;
  const facts = await gatherFacts({ ...options, now: () => clock.now() }, limit);
  const found = findAlerts(facts);
  const isQuorumLost = found.some(({ kind }) => kind === 'quorum-lost');
  if (!options.isElected() && !isQuorumLost) {
    memory.states = [];
    return;
  }
  const kept = isQuorumLost ? undefined : await data.readConfigMap(alertsName, limit);
  const remembered = kept === undefined ? memory.states : readStates(kept);
  const { messages, states } = planMessages(remembered, found, clock.now());
  const isTest = settings.test !== undefined && settings.test !== kept?.['test'] && !isQuorumLost;
  for (const message of [...messages, ...(isTest ? (['test'] as const) : [])]) {
    for (const { way, error } of await deliver(settings, message, clock.now())) {
      const about = message === 'test' ? 'test' : message.alert.id;
      if (error === undefined) logger.info({ alert: about, way }, 'an alert was sent');
      else logger.error({ alert: about, way, error }, 'an alert could not be sent');
    }
  }
  memory.states = states;
  if (!isQuorumLost) await remember(data, kept, states, isTest ? settings.test : undefined, limit);
}

function readStates(kept: Readonly<Record<string, string>>): AlertState[] {
  try {
    return JSON.parse(kept['states'] ?? '[]') as AlertState[];
  } catch {
    return []; // written by hand: as if nothing had been told
  }
}

async function remember(
  data: ClusterData,
  kept: Readonly<Record<string, string>> | undefined,
  states: readonly AlertState[],
  test: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const text = JSON.stringify(states);
  if (kept?.['states'] === text && test === undefined) return;
  await data.patchConfigMap(alertsName, { states: text, ...(test !== undefined && { test }) }, signal);
}
