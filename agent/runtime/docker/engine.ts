// The connection to the Docker Engine: the only importer of dockerode, and the place where its errors become ours.
// Requests share kept-alive connections (Node's global agent), so a call costs one round trip on the unix socket.
import Docker from 'dockerode';
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

/** Runs one call and translates what it throws. */
export async function ask<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw translate(error);
  }
}

/** As `ask`, for calls whose goal may already be reached: those HTTP statuses give undefined instead of an error. */
export async function askUnless<T>(already: readonly number[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (already.includes((error as EngineError).statusCode ?? 0)) return undefined;
    throw translate(error);
  }
}

function translate(error: unknown): Error {
  const { statusCode, json, message, code } = error as EngineError;
  const words = json?.message ?? message ?? String(error);
  if (statusCode === undefined) {
    if (error instanceof Error && error.name === 'AbortError') return error;
    return new RuntimeUnavailable(`the Docker Engine does not answer: ${code ?? words}`, { cause: error });
  }
  if (statusCode === 404 && /no such container/i.test(words)) return new ContainerNotFound(words, { cause: error });
  return new RuntimeRefusal(words, statusCode, { cause: error });
}
