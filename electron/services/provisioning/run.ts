// One run of a plan as the screen follows it: the state of every step, a bounded log, and what changed since.
// Pure bookkeeping: events of provisioning go in, RunEvents come out.
import type { LocalText, RunEvent, RunLogLine, RunState, RunStepView, RunSummary } from '../../../api/console/index.ts';
import type { PlannedStep, ProgressEvent, Text } from '../../../provisioning/contract.ts';

const mostLogLines = 5000;
const longestLine = 4000;

export interface RunRecord {
  readonly summary: RunSummary;
  snapshot(): RunEvent;
  /** Takes what changed since the last take; undefined when nothing did. */
  takeChanges(): RunEvent | undefined;
  onProgress(event: ProgressEvent, nowMs: number): void;
  end(state: RunState, nowMs: number, message?: LocalText): void;
}

export function localText({ en, 'zh-CN': zh }: Text): LocalText {
  return { en, 'zh-CN': zh };
}

/** A run that has just begun. Steps that only show up while it runs are added as they come. */
export function createRunRecord(
  about: Pick<RunSummary, 'id' | 'cluster' | 'kind' | 'startedAt'>,
  planned: readonly PlannedStep[],
): RunRecord {
  const steps = new Map<string, RunStepView>();
  for (const { title, ...step } of planned) {
    steps.set(step.id, { ...step, title: localText(title), state: 'waiting', elapsedMs: 0 });
  }
  const log: RunLogLine[] = [];
  let freshLog: RunLogLine[] = [];
  let freshSteps = new Set<string>();
  let state: RunState = 'running';
  let endedAt: number | undefined;
  let message: LocalText | undefined;
  let changed = false;

  const summarize = (): RunSummary => {
    const all = [...steps.values()];
    const done = all.filter((step) => ['done', 'skipped', 'reverted'].includes(step.state)).length;
    return { ...about, state, endedAt, message, steps: all.length, stepsDone: done };
  };
  const addLog = (event: ProgressEvent, nowMs: number): void => {
    for (const text of (event.log ?? '').split('\n')) {
      if (text.trim() === '') continue;
      const line = { at: nowMs, step: event.step, machine: event.machine, text: text.slice(0, longestLine) };
      log.push(line);
      freshLog.push(line);
    }
    if (log.length > mostLogLines) log.splice(0, log.length - mostLogLines);
  };

  return {
    get summary() {
      return summarize();
    },
    snapshot: () => ({ kind: 'snapshot', run: summarize(), steps: [...steps.values()], log: [...log] }),
    takeChanges() {
      if (!changed) return undefined;
      const views = [...freshSteps].flatMap((id) => steps.get(id) ?? []);
      const event: RunEvent = { kind: 'changes', run: summarize(), steps: views, log: freshLog };
      freshLog = [];
      freshSteps = new Set();
      changed = false;
      return event;
    },
    onProgress(event, nowMs) {
      const known = steps.get(event.step);
      const started = known?.startedAt ?? (event.state === 'running' ? nowMs - event.elapsedMs : undefined);
      steps.set(event.step, {
        id: event.step,
        kind: known?.kind ?? event.step,
        machine: known?.machine ?? event.machine,
        needs: known?.needs ?? [],
        title: localText(event.title),
        state: event.state,
        message: event.message === undefined ? known?.message : localText(event.message),
        startedAt: event.state === 'waiting' ? undefined : started,
        elapsedMs: event.elapsedMs,
      });
      freshSteps.add(event.step);
      addLog(event, nowMs);
      changed = true;
    },
    end(next, nowMs, text) {
      state = next;
      endedAt = nowMs;
      message = text;
      changed = true;
    },
  };
}
