// Starts work that becomes a run, and goes to its page.
import type { Ref } from 'vue';
import { useRouter } from 'vue-router';
import type { CommandName, CommandPayload, CommandValue, ConsoleError, RunSummary } from '../../api/console/index.ts';
import { useCommands } from './commands.ts';

/** Commands that answer a run. */
export type RunCommandName = {
  [N in CommandName]: CommandValue<N> extends RunSummary ? N : never;
}[CommandName];

export interface RunStarter {
  readonly busy: Readonly<Ref<boolean>>;
  readonly error: Readonly<Ref<ConsoleError | undefined>>;
  /** True once the run has begun and its page is shown. */
  start<N extends RunCommandName>(command: N, payload: CommandPayload<N>): Promise<boolean>;
}

/** A starter for one control or form; failures are its `error`. */
export function useStartRun(): RunStarter {
  const router = useRouter();
  const { busy, error, run } = useCommands();
  return {
    busy,
    error,
    async start(command, payload) {
      const answer = await run(command, payload);
      if (!answer.ok) return false;
      await router.push(`/build/runs/${(answer.value as RunSummary).id}`);
      return true;
    },
  };
}
