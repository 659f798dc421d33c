// Draws the progress of provisioning on stderr: one line when a step ends, a live line while it runs on a terminal.
import type { ProgressEvent } from '../provisioning/index.ts';
import { say } from './language.ts';
import { printProgress } from './output.ts';

const marks: Partial<Record<ProgressEvent['state'], string>> = { done: '✔', failed: '✘', skipped: '–', reverted: '↶' };

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(8);
}

/** A listener for progress events that prints each step's end with its machine and time; running steps show on a terminal. */
export function createProgressPrinter(): { onProgress: (event: ProgressEvent) => void; close: () => void } {
  const running = new Map<string, string>();
  const isTerminal = process.stderr.isTTY;
  const startedAt = performance.now();

  const drawLive = (): void => {
    if (!isTerminal || running.size === 0) return;
    const [first] = running.values();
    const more = running.size > 1 ? ` (+${running.size - 1})` : '';
    process.stderr.write(`\r\x1b[K  ◌ ${first}${more} ${formatSeconds(performance.now() - startedAt)}`);
  };
  const timer = isTerminal ? setInterval(drawLive, 250) : undefined;
  timer?.unref();

  const onProgress = (event: ProgressEvent): void => {
    const machine = event.machine === undefined ? '' : `${event.machine}: `;
    const title = `${machine}${say(event.title)}`;
    if (event.state === 'running') running.set(event.step, title);
    const mark = marks[event.state];
    if (mark === undefined) return;
    running.delete(event.step);
    if (isTerminal) process.stderr.write('\r\x1b[K');
    const message = event.message === undefined || event.state === 'done' ? '' : `\n      ${say(event.message)}`;
    printProgress(`  ${mark} ${formatSeconds(event.elapsedMs)}  ${title}${message}`);
  };
  const close = (): void => {
    clearInterval(timer);
    if (isTerminal) process.stderr.write('\r\x1b[K');
  };
  return { onProgress, close };
}
