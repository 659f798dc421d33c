// The shape of the stream table: a payload schema and how to open, for every stream of the contract.
import type { z } from 'zod';
import type { StreamData, StreamEvent, StreamName, StreamPayload } from '../../../api/console/index.ts';
import type { Context } from '../context.ts';
import type { Unsubscribe } from '../contract.ts';

export type Emit<N extends StreamName> = (event: StreamEvent<StreamData<N>>) => void;

export interface StreamEntry<N extends StreamName> {
  readonly payload: z.ZodType<StreamPayload<N>>;
  /** Starts delivering; throws what `subscribe` then tells as `ended`. */
  open(payload: StreamPayload<N>, emit: Emit<N>, context: Context): Unsubscribe;
}

export type StreamTable = { readonly [N in StreamName]: StreamEntry<N> };
