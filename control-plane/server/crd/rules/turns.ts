// Work that may be long, done in short turns: a generator yields where others may go first, and whoever runs it decides
// whether to let them. What strangers wrote (schemas, rules) is never worked off in one go on the API's thread.

/** Work that yields between its turns and returns its outcome. */
export type Turns<T> = Generator<void, T, void>;

/** Lets everything that waits on the event loop go first. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs to the end at once. */
export function finish<T>(work: Turns<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Runs to the end with a pause after each turn. */
export async function finishInTurns<T>(work: Turns<T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    await pause();
  }
}
