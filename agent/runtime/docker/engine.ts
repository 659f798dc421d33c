// The connection to the Docker Engine: the only importer of dockerode, and the place where its errors become ours.
// Requests share kept-alive connections (Node's global agent), so a call costs one round trip on the unix socket. No call
// waits for ever: an Engine that hangs is one that does not answer, and what waited for it tries again.
import Docker from 'dockerode';
import { systemClock } from '../../../machinery/clock.ts';
import { ContainerNotFound, RuntimeRefusal, RuntimeUnavailable } from '../container-runtime.ts';

export type Engine = Docker;
export type ContainerInspection = Docker.ContainerInspectInfo;
export type ContainerSummary = Docker.ContainerInfo;
export type ContainerCreation = Docker.ContainerCreateOptions;
export type ImageInspection = Docker.ImageInspectInfo;

/** Connects to the Engine on a unix socket; nothing is sent yet. */
export function connectEngine(socketPath: string): Engine {
  return new Docker({ socketPath });
}

interface EngineError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message?: string;
  readonly json?: { readonly message?: string };
}

/** One request; it gives up (and its connection) when the signal aborts. Streams it answers with are not cut by it. */
export type Call<T> = (abortSignal: AbortSignal) => Promise<T>;

/** How long the Engine may take to begin its answer; upstream's default for runtime requests. */
export const usualLimitMs = 120_000;

/** Runs one call and translates what it throws. Rejects with RuntimeUnavailable when there is no answer in time. */
export async function ask<T>(call: Call<T>, limitMs: number = usualLimitMs): Promise<T> {
  try {
    return await within(call, limitMs);
  } catch (error) {
    throw translate(error);
  }
}

/** As `ask`, for calls whose goal may already be reached: those HTTP statuses give undefined instead of an error. */
export async function askUnless<T>(
  already: readonly number[],
  call: Call<T>,
  limitMs: number = usualLimitMs,
): Promise<T | undefined> {
  try {
    return await within(call, limitMs);
  } catch (error) {
    if (already.includes((error as EngineError).statusCode ?? 0)) return undefined;
    throw translate(error);
  }
}

async function within<T>(call: Call<T>, limitMs: number): Promise<T> {
  const abort = new AbortController();
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = systemClock.setTimeout(() => {
      reject(new RuntimeUnavailable(`the Docker Engine did not answer within ${limitMs / 1000} s`));
      abort.abort();
    }, limitMs);
  });
  const answer = call(abort.signal);
  answer.catch(() => undefined); // it may end after its time was over
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}

function translate(error: unknown): Error {
  if (error instanceof RuntimeUnavailable) return error;
  const { statusCode, json, message, code } = error as EngineError;
  const words = json?.message ?? message ?? String(error);
  if (statusCode === undefined) {
    if (error instanceof Error && error.name === 'AbortError') return error;
    return new RuntimeUnavailable(`the Docker Engine does not answer: ${code ?? words}`, { cause: error });
  }
  if (statusCode === 404 && /no such container/i.test(words)) return new ContainerNotFound(words, { cause: error });
  return new RuntimeRefusal(words, statusCode, { cause: error });
}
