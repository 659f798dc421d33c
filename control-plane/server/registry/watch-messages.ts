// A watch over WebSocket: each event is one message, text for JSON, bytes for protobuf, as upstream sends them.
import { acceptMessages, offeredProtocols, type Message, type MessageStream } from '../http/web-socket.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Frames } from './watch-frames.ts';

const lineEnd = 10;
const lengthBytes = 4;

/** Accepts the upgrade; what is written to the answer are frames, in pieces of any size. */
export function acceptWatch(exchange: Exchange, { isBinary }: Frames): Promise<MessageStream> {
  return acceptMessages(exchange, offeredProtocols(exchange)[0] ?? '', createFrameSplitter(isBinary));
}

/** Finds whole frames in what is written: lines of JSON, or messages behind their length. Keeps what is incomplete. */
export function createFrameSplitter(isBinary: boolean): (bytes: Buffer) => Message[] {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const messages: Message[] = [];
    let from = 0;
    for (let to = endOf(all, from, isBinary); to !== -1; to = endOf(all, from, isBinary)) {
      messages.push(isBinary ? Buffer.from(all.subarray(from + lengthBytes, to)) : all.toString('utf8', from, to));
      from = to;
    }
    rest = Buffer.from(all.subarray(from));
    return messages;
  };
}

/** Where the frame that begins at `from` ends, or -1 when it is not all there. */
function endOf(bytes: Buffer, from: number, isBinary: boolean): number {
  if (!isBinary) return bytes.indexOf(lineEnd, from) + 1 || -1;
  if (bytes.length < from + lengthBytes) return -1;
  const to = from + lengthBytes + bytes.readUInt32BE(from);
  return to <= bytes.length ? to : -1;
}
