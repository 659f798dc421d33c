// Simulated nodes as a program: they register, heartbeat and run pods, without a single container.
import { runHollowNodes } from '../../agent/main.ts';
import { CommandError } from '../output.ts';
import type { Program } from './run-program.ts';

export interface HollowNodesOptions {
  readonly count: number;
  readonly kubeconfig: string;
  readonly namePrefix: string;
}

/** The program for these command-line flags. */
export function hollowNodesProgram(flags: {
  count: string;
  kubeconfig: string;
  namePrefix: string;
}): Program<HollowNodesOptions> {
  const parse = (): HollowNodesOptions => {
    const count = Number(flags.count);
    if (!Number.isInteger(count) || count < 1 || count > 10_000) {
      throw new CommandError(
        `--count ${flags.count} is not a whole number from 1 to 10000.`,
        'give a number of nodes.',
        { exitCode: 2 },
      );
    }
    return { count, kubeconfig: flags.kubeconfig, namePrefix: flags.namePrefix };
  };
  return { name: 'hollow-nodes', parse, run: runHollowNodes };
}
