// The shape of the command table: a payload schema and what to do, for every command of the contract.
import { z } from 'zod';
import type { CommandName, CommandPayload, CommandValue } from '../../../api/console/index.ts';
import type { Context } from '../context.ts';

export interface CommandEntry<N extends CommandName> {
  readonly payload: z.ZodType<CommandPayload<N>>;
  run(payload: CommandPayload<N>, context: Context): Promise<CommandValue<N>> | CommandValue<N>;
}

export type CommandTable = { readonly [N in CommandName]: CommandEntry<N> };

/** The commands of one noun. */
export type CommandsOf<Noun extends string> = Pick<CommandTable, Extract<CommandName, `${Noun}.${string}`>>;

const longestName = 253;

/** Schemas that many payloads share. Names are checked for shape only; the API server has the last word. */
export const clusterId = z.string().min(1).max(100);
export const objectName = z
  .string()
  .min(1)
  .max(longestName)
  .regex(/^[^/%\s]+$/);
export const inCluster = z.strictObject({ clusterId });
export const named = z.strictObject({ clusterId, namespace: objectName, name: objectName });
export const nothing = z.strictObject({});
export const objectRef = z.strictObject({
  apiVersion: z
    .string()
    .regex(/^[a-z0-9./-]+$/i)
    .max(longestName),
  kind: z
    .string()
    .regex(/^[A-Za-z0-9]+$/)
    .max(100),
  namespace: objectName.optional(),
  name: objectName,
});
