// Runs commands for components: says what was done or why not, and tells a button whether it is still busy.
import { ref, type Ref } from 'vue';
import type { CommandName, CommandPayload, CommandValue, ConsoleError, Result } from '../../api/console/index.ts';
import { useBridge } from '../bridge.ts';
import { useNoticesStore } from './notices.ts';

export interface CommandRunner {
  readonly busy: Readonly<Ref<boolean>>;
  /** The last failure, until the next run; forms show it in place. */
  readonly error: Readonly<Ref<ConsoleError | undefined>>;
  /** Runs a command. With `said`, success and failure are also told in a notice. */
  run<N extends CommandName>(
    command: N,
    payload: CommandPayload<N>,
    said?: { readonly done?: string; readonly failed: string },
  ): Promise<Result<CommandValue<N>>>;
  /** Says a success that only its answer can word. */
  tell(text: string): void;
  /** Says why something is not even tried. */
  refuse(reason: ConsoleError['reason'], message: string, failed: string): void;
}

/** A runner for one control or form. */
export function useCommands(): CommandRunner {
  const busy = ref(false);
  const error = ref<ConsoleError>();
  const notices = useNoticesStore();
  return {
    busy,
    error,
    tell: notices.done,
    refuse(reason, message, failed) {
      error.value = { reason, message, remedy: '' };
      notices.failed(failed, error.value);
    },
    async run(command, payload, said) {
      busy.value = true;
      error.value = undefined;
      const result = await useBridge().invoke(command, payload);
      busy.value = false;
      if (!result.ok) error.value = result.error;
      if (said && !result.ok) notices.failed(said.failed, result.error);
      if (said?.done !== undefined && result.ok) notices.done(said.done);
      return result;
    },
  };
}
