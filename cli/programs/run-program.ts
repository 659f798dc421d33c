// The frame of the long-running programs: flags in, run until a signal, exit code out.
// Exit 0 after a signal, 1 when the program failed, 2 for bad flags.
import { printFailure } from '../output.ts';
import { abortOnSignals, isAbort } from '../signals.ts';

/** One long-running program: how its flags are read, and what runs until the signal aborts. */
export interface Program<Options> {
  readonly name: string;
  readonly parse: (args: readonly string[]) => Options;
  readonly run: (options: Options, signal: AbortSignal) => Promise<void>;
}

/** Parses the flags and runs the program to its end; answers the exit code. */
export async function runProgram<Options>(program: Program<Options>, args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = program.parse(args);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `pilothouse ${program.name}: ${message}\nNext step: see \`pilothouse ${program.name} --help\`.\n`,
    );
    return 2;
  }
  const signal = abortOnSignals();
  try {
    await program.run(options, signal);
    return 0;
  } catch (error) {
    return isAbort(error, signal) ? 0 : printFailure(error);
  }
}

/** Runs the program as this process, and ends the process with its exit code, whatever handles are still open. */
export async function runAsProcess<Options>(program: Program<Options>, args = process.argv.slice(2)): Promise<never> {
  process.exit(await runProgram(program, args));
}
