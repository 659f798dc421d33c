// HTTP/2 frames (RFC 9113 §4 and §6): the few that a gRPC client sends, and cutting a byte stream into those it gets.

export const frameTypes = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flags = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

export const settings = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
} as const;

/** Error codes that we send or act on. */
export const errorCodes = { none: 0, protocol: 1, flowControl: 3, refusedStream: 7, cancel: 8 } as const;

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** The largest frame that a peer may send before it is told otherwise, and it never is. */
export const maxFrameBytes = 16_384;
const headBytes = 9;

/** A frame's first nine bytes. */
export function frameHead(length: number, type: number, flag: number, stream: number): Buffer {
  const head = Buffer.allocUnsafe(headBytes);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return head;
}

/** A whole frame with a payload of numbers, four bytes each. */
export function numbersFrame(type: number, stream: number, ...numbers: readonly number[]): Buffer {
  const payload = Buffer.allocUnsafe(numbers.length * 4);
  numbers.forEach((number, index) => payload.writeUInt32BE(number, index * 4));
  return Buffer.concat([frameHead(payload.length, type, 0, stream), payload]);
}

/** A SETTINGS frame. */
export function settingsFrame(values: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.allocUnsafe(values.length * 6);
  values.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return Buffer.concat([frameHead(payload.length, frameTypes.settings, 0, 0), payload]);
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Good until the frame has been handled; copy what is to be kept. */
  readonly payload: Buffer;
}

/** The peer broke the protocol: the connection cannot go on. */
export class ProtocolError extends Error {}

/** Collects bytes and hands out whole frames in order. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  #rest: Buffer | undefined;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** Throws ProtocolError for a frame that is larger than allowed, and what `onFrame` throws. */
  push(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    while (bytes.length - at >= headBytes) {
      const length = bytes.readUIntBE(at, 3);
      if (length > maxFrameBytes) throw new ProtocolError(`a frame of ${length} bytes`);
      const end = at + headBytes + length;
      if (end > bytes.length) break;
      const stream = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
      const payload = bytes.subarray(at + headBytes, end);
      this.#onFrame({ type: bytes[at + 3] ?? 0, flags: bytes[at + 4] ?? 0, stream, payload });
      at = end;
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at);
  }
}

/** The payload without padding and, for HEADERS, without priority. */
export function unpadded({ type, flags: flag, payload }: Frame): Buffer {
  let start = 0;
  let end = payload.length;
  if ((flag & flags.padded) !== 0) {
    end -= payload[0] ?? 0;
    start = 1;
  }
  if (type === frameTypes.headers && (flag & flags.priority) !== 0) start += 5;
  if (start > end) throw new ProtocolError('more padding than payload');
  return start === 0 && end === payload.length ? payload : payload.subarray(start, end);
}
