// One round of usage figures as bytes, and back. A file holds frames: names of series, numbered as they come, and rounds,
// which hold one number per series and figure: whoever wants one series reads four numbers of a round and no more. Pure.

/** What was used: CPU in thousandths of a core, memory and disk in bytes, network in bytes per second. NaN: not known. */
export interface Figures {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly networkBytesPerSecond: number;
  readonly diskBytes: number;
}

/** By series: `node/NAME`, `pod/NAMESPACE/NAME` or `container/NAMESPACE/POD/NAME`. */
export interface Round {
  /** Unix ms. */
  readonly time: number;
  readonly figures: ReadonlyMap<string, Figures>;
}

/** The figures in the order in which they lie in a round. */
export const figureNames = ['cpuMilli', 'memoryBytes', 'networkBytesPerSecond', 'diskBytes'] as const;

const kinds = { names: 1, round: 2 } as const;
const frameHead = 5;
const roundHead = 12;

/** The numbers of one file's series, which grow with its rounds. */
export type SeriesNumbers = Map<string, number>;

/** The frames of a round: names that are new first. Changes `numbers`. */
export function encodeRound({ time, figures }: Round, numbers: SeriesNumbers): Buffer {
  const fresh: string[] = [];
  for (const series of figures.keys()) {
    if (numbers.has(series)) continue;
    numbers.set(series, numbers.size);
    fresh.push(series);
  }
  const count = numbers.size;
  const values = new Float32Array(count * figureNames.length).fill(Number.NaN);
  for (const [series, own] of figures) {
    const number = numbers.get(series) ?? 0;
    for (const [index, name] of figureNames.entries()) values[index * count + number] = own[name];
  }
  const round = Buffer.alloc(roundHead);
  round.writeDoubleLE(time, 0);
  round.writeUInt32LE(count, 8);
  const body = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const frames = [frame(kinds.round, round, body)];
  if (fresh.length > 0) frames.unshift(frame(kinds.names, Buffer.from(JSON.stringify(fresh))));
  return Buffer.concat(frames);
}

function frame(kind: number, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(frameHead);
  head.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, 0),
    0,
  );
  head.writeUInt8(kind, 4);
  return Buffer.concat([head, ...parts]);
}

/** What a round says of the wanted series: their sum, and how many of them were there. */
export interface Summed extends Figures {
  readonly time: number;
  readonly series: number;
}

/**
 * Sums the wanted series of every round of a file. A frame that is not whole ends it: the process was killed there.
 * @param chunks the file's bytes in order
 */
export async function* sumRounds(
  chunks: AsyncIterable<Uint8Array>,
  isWanted: (series: string) => boolean,
): AsyncGenerator<Summed> {
  const wanted: number[] = [];
  let known = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < frameHead) break;
      const end = frameHead + rest.readUInt32LE(0);
      if (rest.length < end) break;
      const body = rest.subarray(frameHead, end);
      if (rest.readUInt8(4) === kinds.names) {
        for (const series of JSON.parse(body.toString()) as string[]) {
          if (isWanted(series)) wanted.push(known);
          known++;
        }
      } else yield sumRound(body, wanted);
      rest = rest.subarray(end);
    }
  }
}

function sumRound(body: Buffer, wanted: readonly number[]): Summed {
  const count = body.readUInt32LE(8);
  const read = (figure: number, number: number): number => body.readFloatLE(roundHead + (figure * count + number) * 4);
  const present = wanted.filter((number) => number < count && !Number.isNaN(read(0, number)));
  const sum = (figure: number): number => {
    const found = present.map((number) => read(figure, number)).filter((value) => !Number.isNaN(value));
    return found.length === 0 ? Number.NaN : found.reduce((total, value) => total + value, 0);
  };
  return {
    time: body.readDoubleLE(0),
    series: present.length,
    cpuMilli: sum(0),
    memoryBytes: sum(1),
    networkBytesPerSecond: sum(2),
    diskBytes: sum(3),
  };
}
