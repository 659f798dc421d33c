// One check of the preflight in a line: its sentences come from the message table by id.
import type { PreflightCheck } from '../contract.ts';
import { type MessageKey, text } from '../messages/text.ts';

/** Checks with the sentences `check.<id>`, `.bad` and `.remedy`. */
export type CheckId = Extract<MessageKey, `check.${string}.bad`> extends `check.${infer Id}.bad` ? Id : never;

/** The check `id` of `machine`: `figure` is what was found, `bar` what is needed; both go into the sentences. */
export function check(
  id: CheckId,
  ok: boolean,
  machine: string,
  figure: string,
  bar: string,
  severity: PreflightCheck['severity'] = 'error',
  more: Readonly<Record<string, string | number>> = {},
): PreflightCheck {
  const values = { machine, figure, bar, ...more };
  const title = text(`check.${id}` as MessageKey);
  return {
    id: id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    ok,
    severity,
    title,
    figure,
    bar,
    message: ok ? text('check.ok', { machine, figure, bar }) : text(`check.${id}.bad` as MessageKey, values),
    remedy: ok ? undefined : text(`check.${id}.remedy` as MessageKey, values),
  };
}
