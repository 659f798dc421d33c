// What leaves over one connection: everything that is written in one turn of the event loop goes in one write at its end.
// Answers to PINGs go with whatever leaves next, or alone after a moment: gRPC-go asks one with nearly every message, to
// measure the connection, and a write for it alone would wake the peer just when our caller needs the processor.
import { systemClock } from '../../clock.ts';

/** How long something that is not urgent waits for company. */
const soonMs = 10;

export class Outbox {
  readonly #send: (bytes: Buffer) => void;
  #waiting: Uint8Array[] = [];
  #leavesWithTurn = false;
  #leavesSoon = false;

  /** `send` is given the joined bytes; it may drop them when the connection is over. */
  constructor(send: (bytes: Buffer) => void) {
    this.#send = send;
  }

  /** Leaves at the end of this turn. */
  write(...parts: readonly Uint8Array[]): void {
    this.#waiting.push(...parts);
    if (this.#leavesWithTurn) return;
    this.#leavesWithTurn = true;
    setImmediate(() => {
      this.#leavesWithTurn = false;
      this.#flush();
    });
  }

  /** Leaves with the next write, or within some milliseconds. */
  writeSoon(...parts: readonly Uint8Array[]): void {
    this.#waiting.push(...parts);
    if (this.#leavesWithTurn || this.#leavesSoon) return;
    this.#leavesSoon = true;
    systemClock.setTimeout(() => {
      this.#leavesSoon = false;
      this.#flush();
    }, soonMs);
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#send(bytes);
  }
}
