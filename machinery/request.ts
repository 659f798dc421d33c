// One request to an API server and what its answer means: JSON in, JSON or ApiError out.
import type { Status } from '../api/meta/status.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport/contract.ts';
import { ApiError, isApiError, statusReasons } from '../api/meta/status.ts';
import { systemClock } from './clock.ts';

export type Request = (request: TransportRequest) => Promise<TransportResponse>;

const mostWaits = 5;

/** Sends the request, and again when the server answers "too many requests, retry after n seconds" (as client-go does). */
export async function requestWithPatience(transport: Transport, request: TransportRequest): Promise<TransportResponse> {
  for (let waits = 0; ; waits++) {
    const response = await transport.request(request);
    const afterSeconds = Number(response.headers['retry-after'] ?? NaN);
    if (response.status !== 429 || !(afterSeconds >= 0) || waits === mostWaits) return response;
    await response.text();
    await systemClock.sleep(Math.min(afterSeconds, 30) * 1000, request.signal);
    request.signal?.throwIfAborted();
  }
}

/** The parsed answer; throws the ApiError that a failed one describes. */
export async function requestJson<R>(request: Request, one: TransportRequest): Promise<R> {
  const response = await request(one);
  if (response.status >= 400) throw await errorOf(response);
  const text = await response.text();
  try {
    return JSON.parse(text) as R;
  } catch (cause) {
    throw Object.assign(new Error(`the answer to ${one.method} ${one.path} is not JSON: ${text.slice(0, 200)}`), {
      cause,
    });
  }
}

/** The error of an answer of 400 or more: the Status in its body, or one made up from its code and text. */
export async function errorOf(response: TransportResponse): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  return errorOfText(text, response.status);
}

/** The same from a body that was read already. */
export function errorOfText(text: string, code: number): ApiError {
  try {
    const body = JSON.parse(text) as Status | undefined;
    if (body?.kind === 'Status') return new ApiError({ ...body, code: body.code ?? code });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const reason = reasonOfCode(code);
  const message = text.trim().slice(0, 500) || `the server answered ${code}`;
  return new ApiError({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', message, reason, code });
}

function reasonOfCode(code: number): Status['reason'] {
  const known = Object.entries(statusReasons).find(([, itsCode]) => itsCode === code)?.[0];
  return (known ?? (code >= 500 ? 'InternalError' : 'BadRequest')) as Status['reason'];
}

/** The error of a server that could not be reached, or that broke off: worth trying again. */
export function unreachable(message: string, cause: unknown): ApiError {
  const error = new ApiError({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'ServiceUnavailable',
    code: 503,
  });
  error.cause = cause;
  return error;
}

/** Whether doing the same again later may work: the server was away, busy, or someone else was faster. */
export function isRetryable(error: unknown): boolean {
  return (
    ['ServiceUnavailable', 'TooManyRequests', 'Timeout', 'ServerTimeout', 'Conflict', 'InternalError'] as const
  ).some((reason) => isApiError(error, reason));
}
