// Errors an administrator sees: a sentence, and what to do next, in both languages.
import type { Text } from './contract.ts';

/** A failure with its remedy; `cause` keeps the foreign error. */
export class ProvisioningError extends Error {
  readonly reason: string;
  readonly text: Text;
  readonly remedy: Text | undefined;

  constructor(reason: string, text: Text, remedy?: Text, cause?: unknown) {
    super(text.en, cause === undefined ? undefined : { cause });
    this.name = 'ProvisioningError';
    this.reason = reason;
    this.text = text;
    this.remedy = remedy;
  }
}

/** True when work ended because its signal was aborted, which is not a failure to report. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'CancelledError');
}
