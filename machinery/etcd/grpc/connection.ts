// gRPC calls over one HTTP/2 connection to one server. Everything that is called in one turn of the event loop leaves in
// one write, and a call costs a few buffers: Node's own HTTP/2 client costs five times as much per call.
// Guarantees: every call ends exactly once, whatever happens to the connection; a silent peer is noticed by PINGs.
import type { Socket } from 'node:net';
import { systemClock } from '../../clock.ts';
import { Call, GrpcError, failureOf, grpcCodes, prefixed } from './call.ts';
import type { CallEvents } from './call.ts';
import {
  FrameReader,
  ProtocolError,
  errorCodes,
  flags,
  frameHead,
  frameTypes,
  maxFrameBytes,
  numbersFrame,
  preface,
  settings,
  settingsFrame,
  unpadded,
} from './frames.ts';
import type { Frame } from './frames.ts';
import { HeaderReader, MalformedHeaders, encodeHeaders } from './hpack.ts';
import { Outbox } from './outbox.ts';

/** What the peer may send before we give it back: the connection's, and each call's. */
const connectionWindow = 64 * 1024 * 1024;
const callWindow = 16 * 1024 * 1024;
const initialWindow = 65_535;
const initialConcurrency = 100;
const lastStreamId = 0x7fff_fff0;
/** How often deadlines and silence are looked at. */
const sweepMs = 500;
/** When to ask a silent peer whether it is there, and how long to wait: sooner while somebody waits for an answer. */
const idlePing = { afterMs: 10_000, timeoutMs: 5_000 };
const askedPing = { afterMs: 1_000, timeoutMs: 1_500 };
/** etcd ends connections that ask more often than every five seconds. */
const pingEveryMs = 5_500;

export interface CallOptions {
  readonly timeoutMs: number;
  readonly events: CallEvents;
}

/** A call that goes on: more messages may be sent until it is cancelled. */
export interface OpenCall {
  send(message: Uint8Array): void;
  /** Lets the peer send no more than a window until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it. */
  cancel(): void;
}

export class GrpcConnection {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #scheme: string;
  readonly #reader = new FrameReader((frame) => this.#take(frame));
  readonly #headers = new HeaderReader();
  readonly #headerBlocks = new Map<string, Buffer>();
  readonly #calls = new Map<number, Call>();
  /** Calls that wait for a place among the peer's streams. */
  #queue: Call[] = [];
  /** Calls whose bytes wait for window. */
  readonly #blocked = new Set<Call>();
  readonly #outbox = new Outbox((bytes) => this.#failure === undefined && this.#socket.write(bytes));
  #nextId = 1;
  #sendWindow = initialWindow;
  #peerCallWindow = initialWindow;
  #peerConcurrency = initialConcurrency;
  #consumed = 0;
  #draining = false;
  #failure: GrpcError | undefined;
  /** The header block that CONTINUATION frames complete. */
  #open: { readonly stream: number; readonly endsStream: boolean; readonly parts: Buffer[] } | undefined;
  #heardMs = performance.now();
  #pingedMs: number | undefined;
  #lastPingMs = -Infinity;
  #stopSweeping: () => void;

  /** Takes over a connected socket whose peer speaks HTTP/2. */
  constructor(socket: Socket, host: string, isSecure: boolean) {
    this.#socket = socket;
    this.#host = host;
    this.#scheme = isSecure ? 'https' : 'http';
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(`the connection failed: ${error.message}`, error));
    socket.on('close', () => this.#fail('the connection was closed'));
    this.#write(
      preface,
      settingsFrame([
        [settings.headerTableSize, 0],
        [settings.enablePush, 0],
        [settings.initialWindowSize, callWindow],
      ]),
      numbersFrame(frameTypes.windowUpdate, 0, connectionWindow - initialWindow),
    );
    this.#stopSweeping = systemClock.setTimeout(() => this.#sweep(), sweepMs);
  }

  /** Whether new calls must go elsewhere. */
  get isOver(): boolean {
    return this.#draining || this.#failure !== undefined;
  }

  /** One message there, one back; `timeoutMs` of Infinity waits for ever. Throws nothing: failures go to `onEnd`. */
  call(path: string, message: Uint8Array, { timeoutMs, events }: CallOptions): void {
    this.#start(new Call(path, message, true, performance.now() + timeoutMs, events));
  }

  /** A call that stays open both ways. */
  open(path: string, first: Uint8Array, events: CallEvents): OpenCall {
    const call = new Call(path, first, false, Infinity, events);
    this.#start(call);
    return {
      send: (message) => {
        if (call.isOver) return;
        call.unsent.push(prefixed(message));
        if (call.id !== 0) this.#sendData(call);
      },
      pause: () => (call.isPaused = true),
      resume: () => {
        call.isPaused = false;
        this.#giveBack(call);
      },
      cancel: () => {
        if (!call.isOver) this.#cancel(call, undefined);
      },
    };
  }

  /** Ends every call as unavailable and the connection with them. */
  close(reason = 'the connection was closed'): void {
    this.#fail(reason);
  }

  #start(call: Call): void {
    if (this.#failure !== undefined) return call.end(this.#failure);
    if (this.#calls.size >= this.#peerConcurrency) {
      this.#queue.push(call);
      return;
    }
    call.id = this.#nextId;
    this.#nextId += 2;
    if (this.#nextId > lastStreamId) this.#draining = true;
    call.sendWindow = this.#peerCallWindow;
    this.#calls.set(call.id, call);
    const block = this.#headerBlock(call.path);
    this.#write(frameHead(block.length, frameTypes.headers, flags.endHeaders, call.id), block);
    this.#sendData(call);
  }

  #headerBlock(path: string): Buffer {
    let block = this.#headerBlocks.get(path);
    if (block === undefined) {
      block = encodeHeaders([
        [':method', 'POST'],
        [':scheme', this.#scheme],
        [':path', path],
        [':authority', this.#host],
        ['te', 'trailers'],
        ['content-type', 'application/grpc'],
        ['user-agent', 'pilothouse'],
        // A member without a leader refuses these at once, instead of keeping them until it finds one.
        ...(/^\/etcdserverpb\.(KV|Watch)\//.test(path) ? [['hasleader', 'true'] as const] : []),
      ]);
      this.#headerBlocks.set(path, block);
    }
    return block;
  }

  /** Sends as much of a call's bytes as the windows allow. */
  #sendData(call: Call): void {
    for (let part = call.unsent[0]; part !== undefined; part = call.unsent[0]) {
      const size = Math.min(part.length, maxFrameBytes, call.sendWindow, this.#sendWindow);
      if (size <= 0) {
        this.#blocked.add(call);
        return;
      }
      call.sendWindow -= size;
      this.#sendWindow -= size;
      const isPartDone = size === part.length;
      if (isPartDone) call.unsent.shift();
      else call.unsent[0] = part.subarray(size);
      const isLast = isPartDone && call.isUnary && call.unsent.length === 0;
      this.#write(
        frameHead(size, frameTypes.data, isLast ? flags.endStream : 0, call.id),
        isPartDone ? part : part.subarray(0, size),
      );
    }
    this.#blocked.delete(call);
  }

  #write(...parts: readonly Uint8Array[]): void {
    this.#outbox.write(...parts);
  }

  #receive(chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    this.#heardMs = performance.now();
    this.#pingedMs = undefined;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof MalformedHeaders)) throw error;
      this.#fail(`the peer does not speak HTTP/2 properly: ${error.message}`, error);
    }
  }

  #take(frame: Frame): void {
    if (this.#open !== undefined && (frame.type !== frameTypes.continuation || frame.stream !== this.#open.stream)) {
      throw new ProtocolError('a header block was interrupted');
    }
    switch (frame.type) {
      case frameTypes.data:
        return this.#takeData(frame);
      case frameTypes.headers:
        this.#open = {
          stream: frame.stream,
          endsStream: (frame.flags & flags.endStream) !== 0,
          parts: [unpadded(frame)],
        };
        return this.#completeHeaders(frame);
      case frameTypes.continuation:
        if (this.#open === undefined) throw new ProtocolError('a continuation of nothing');
        this.#open.parts.push(frame.payload);
        return this.#completeHeaders(frame);
      case frameTypes.resetStream:
        return this.#takeReset(frame);
      case frameTypes.settings:
        return this.#takeSettings(frame);
      case frameTypes.ping:
        if ((frame.flags & flags.ack) === 0 && frame.payload.length === 8)
          this.#outbox.writeSoon(frameHead(8, frameTypes.ping, flags.ack, 0), Buffer.from(frame.payload));
        return;
      case frameTypes.goAway:
        return this.#takeGoAway(frame);
      case frameTypes.windowUpdate:
        return this.#takeWindow(frame);
      case frameTypes.pushPromise:
        throw new ProtocolError('a push was not asked for');
      default: // unknown frames are ignored, as the protocol asks
    }
  }

  #takeData(frame: Frame): void {
    const size = frame.payload.length;
    this.#consumed += size;
    if (this.#consumed >= connectionWindow / 2) {
      this.#write(numbersFrame(frameTypes.windowUpdate, 0, this.#consumed));
      this.#consumed = 0;
    }
    const call = this.#calls.get(frame.stream);
    if (call === undefined) return; // cancelled meanwhile
    call.receive(unpadded(frame));
    call.consumed += size;
    if ((frame.flags & flags.endStream) !== 0) {
      return this.#finish(call, new GrpcError(grpcCodes.internal, 'the server ended the call without a status'));
    }
    this.#giveBack(call);
  }

  #giveBack(call: Call): void {
    if (call.isPaused || call.isOver || call.consumed < callWindow / 2) return;
    this.#write(numbersFrame(frameTypes.windowUpdate, call.id, call.consumed));
    call.consumed = 0;
  }

  #completeHeaders(frame: Frame): void {
    if ((frame.flags & flags.endHeaders) === 0 || this.#open === undefined) return;
    const { stream, endsStream, parts } = this.#open;
    this.#open = undefined;
    const [only] = parts;
    const headers = this.#headers.read(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts));
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    const status = headers[':status'];
    if (status !== undefined && status !== '200') {
      return this.#cancel(call, new GrpcError(grpcCodes.unavailable, `the server answered HTTP ${status}`));
    }
    if (endsStream) this.#finish(call, failureOf(headers));
  }

  #takeReset({ stream, payload }: Frame): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    const code = payload.length >= 4 ? payload.readUInt32BE(0) : 0;
    // A server that has answered may stop listening to what we still had to say.
    this.#finish(call, new GrpcError(grpcCodes.unavailable, `the server reset the call (HTTP/2 error ${code})`));
  }

  #takeSettings({ flags: flag, payload }: Frame): void {
    if ((flag & flags.ack) !== 0) return;
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      const id = payload.readUInt16BE(at);
      if (id === settings.maxConcurrentStreams) this.#peerConcurrency = value;
      else if (id === settings.initialWindowSize) {
        const change = value - this.#peerCallWindow;
        this.#peerCallWindow = value;
        for (const call of this.#calls.values()) call.sendWindow += change;
      }
    }
    this.#write(frameHead(0, frameTypes.settings, flags.ack, 0));
    this.#unblock();
    this.#startQueued();
  }

  #takeWindow({ stream, payload }: Frame): void {
    const increment = payload.length >= 4 ? payload.readUInt32BE(0) & 0x7fff_ffff : 0;
    if (stream === 0) this.#sendWindow += increment;
    else {
      const call = this.#calls.get(stream);
      if (call !== undefined) call.sendWindow += increment;
    }
    if (this.#blocked.size > 0) this.#unblock();
  }

  #takeGoAway({ payload }: Frame): void {
    this.#draining = true;
    const last = payload.length >= 4 ? payload.readUInt32BE(0) & 0x7fff_ffff : 0;
    const failure = new GrpcError(grpcCodes.unavailable, 'the server is going away');
    for (const call of [...this.#calls.values()]) if (call.id > last) this.#finish(call, failure);
    const queued = this.#queue;
    this.#queue = [];
    for (const call of queued) call.end(failure);
    this.#endWhenIdle();
  }

  #unblock(): void {
    for (const call of [...this.#blocked]) this.#sendData(call);
  }

  #startQueued(): void {
    while (this.#queue.length > 0 && this.#calls.size < this.#peerConcurrency) {
      const call = this.#queue.shift();
      if (call !== undefined && !call.isOver) this.#start(call);
    }
  }

  #cancel(call: Call, failure: GrpcError | undefined): void {
    if (call.id !== 0) this.#write(numbersFrame(frameTypes.resetStream, call.id, errorCodes.cancel));
    this.#finish(call, failure);
  }

  #finish(call: Call, failure: GrpcError | undefined): void {
    this.#calls.delete(call.id);
    this.#blocked.delete(call);
    call.end(failure);
    this.#startQueued();
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.#draining && this.#calls.size === 0) this.#fail('the server is going away');
  }

  #fail(message: string, cause?: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = new GrpcError(grpcCodes.unavailable, message, cause);
    this.#stopSweeping();
    this.#socket.destroy();
    const ended = [...this.#calls.values(), ...this.#queue];
    this.#calls.clear();
    this.#queue = [];
    this.#blocked.clear();
    for (const call of ended) call.end(this.#failure);
  }

  /** Ends calls whose time is up, and asks a peer that has been silent while calls are open. */
  #sweep(): void {
    const nowMs = performance.now();
    for (const call of [...this.#calls.values(), ...this.#queue]) {
      if (call.dueMs > nowMs) continue;
      this.#queue = this.#queue.filter((other) => other !== call);
      this.#cancel(call, new GrpcError(grpcCodes.deadlineExceeded, 'no answer in time'));
    }
    const isAsked = [...this.#calls.values()].some(({ isUnary }) => isUnary);
    const { afterMs, timeoutMs } = isAsked ? askedPing : idlePing;
    if (this.#pingedMs !== undefined && nowMs - this.#pingedMs > timeoutMs) return this.#fail('the peer is silent');
    const mayPing = this.#pingedMs === undefined && nowMs - this.#lastPingMs > pingEveryMs;
    if (mayPing && this.#calls.size > 0 && nowMs - this.#heardMs > afterMs) {
      this.#pingedMs = nowMs;
      this.#lastPingMs = nowMs;
      this.#write(frameHead(8, frameTypes.ping, 0, 0), Buffer.alloc(8));
    }
    if (this.#failure === undefined) this.#stopSweeping = systemClock.setTimeout(() => this.#sweep(), sweepMs);
  }
}
