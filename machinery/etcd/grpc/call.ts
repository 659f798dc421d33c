// One gRPC call as its connection sees it: what is still to be sent, what has arrived, and how it ended.

import type { Headers } from './hpack.ts';

/** gRPC's status codes that are acted on (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const grpcCodes = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  aborted: 10,
  internal: 13,
  unavailable: 14,
} as const;

/** A call that failed; `code` is gRPC's. */
export class GrpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GrpcError';
    this.code = code;
  }
}

/** What the caller hears; `onEnd` comes once and last. */
export interface CallEvents {
  onMessage(message: Buffer): void;
  onEnd(failure: GrpcError | undefined): void;
}

const prefixBytes = 5;

/** The message with gRPC's prefix: not compressed, and its length. */
export function prefixed(message: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(prefixBytes + message.length);
  whole[0] = 0;
  whole.writeUInt32BE(message.length, 1);
  whole.set(message, prefixBytes);
  return whole;
}

export class Call {
  readonly path: string;
  readonly events: CallEvents;
  /** Whether the client has nothing to say after the first message. */
  readonly isUnary: boolean;
  readonly dueMs: number;
  id = 0;
  /** Prefixed bytes that wait for window. */
  unsent: Buffer[];
  sendWindow = 0;
  /** Payload bytes that the peer has not yet been given back. */
  consumed = 0;
  /** Whether what was received is not given back for now. */
  isPaused = false;
  #parts: Buffer[] = [];
  #size = 0;
  #isOver = false;

  constructor(path: string, first: Uint8Array, isUnary: boolean, dueMs: number, events: CallEvents) {
    this.path = path;
    this.unsent = [prefixed(first)];
    this.isUnary = isUnary;
    this.dueMs = dueMs;
    this.events = events;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes payload bytes and hands on every message that they complete. */
  receive(payload: Buffer): void {
    if (this.#isOver) return;
    this.#parts.push(payload);
    this.#size += payload.length;
    while (this.#size >= prefixBytes && !this.#isOver) {
      if ((this.#parts[0]?.length ?? 0) < prefixBytes) this.#join();
      const length = this.#parts[0]?.readUInt32BE(1) ?? 0;
      if (this.#size < prefixBytes + length) return;
      const whole = this.#join();
      const end = prefixBytes + length;
      this.#size -= end;
      this.#parts = this.#size === 0 ? [] : [whole.subarray(end)];
      if (whole[0] !== 0) return this.end(new GrpcError(grpcCodes.internal, 'a compressed message was not asked for'));
      this.events.onMessage(whole.subarray(prefixBytes, end));
    }
  }

  /** Ends the call once; later ends and messages are ignored. */
  end(failure: GrpcError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts = [];
    this.unsent = [];
    this.events.onEnd(failure);
  }

  #join(): Buffer {
    const [only] = this.#parts;
    const whole = this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts, this.#size);
    this.#parts = [whole];
    return whole;
  }
}

/** What trailers say: undefined when all went well. */
export function failureOf(headers: Headers): GrpcError | undefined {
  const code = Number(headers['grpc-status'] ?? grpcCodes.unknown);
  if (code === grpcCodes.ok) return undefined;
  return new GrpcError(code, decodeMessage(headers['grpc-message'] ?? `gRPC status ${code}`));
}

/** grpc-message is percent-encoded UTF-8; what is not stays as it came. */
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
