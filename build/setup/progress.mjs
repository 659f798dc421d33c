// Progress of the set-up on the terminal: one line a stage, with the time it took. Plain Node 20, no packages.
const startedAt = Date.now();
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`.padStart(8);

/** Milliseconds since the set-up began. */
export const elapsedMs = () => Date.now() - startedAt;

/** Runs one titled stage, prints its line with the time taken, and hands its result on; a failure prints and rethrows. */
export async function stage(title, run) {
  const begun = Date.now();
  const tty = process.stderr.isTTY;
  let timer;
  if (tty) {
    const draw = () => process.stderr.write(`\r\x1b[K  ◌ ${title} ${seconds(Date.now() - begun)}`);
    draw();
    timer = setInterval(draw, 250);
  }
  const finish = (mark, note = '') => {
    clearInterval(timer);
    process.stderr.write(`${tty ? '\r\x1b[K' : ''}  ${mark} ${title}${note} ${seconds(Date.now() - begun)}\n`);
  };
  try {
    const result = await run();
    finish('✔', typeof result === 'string' ? ` (${result})` : '');
    return result;
  } catch (error) {
    finish('✘');
    throw error;
  }
}

/** A failure that a user can mend: one sentence, and the next step. */
export class SetupError extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** Prints a failure as the user should read it. */
export function printFailure(error) {
  process.stderr.write(`\n${error.message}\n`);
  if (error.remedy) process.stderr.write(`Next step: ${error.remedy}\n`);
  else if (error.stack) process.stderr.write(`${error.stack}\n`);
}
