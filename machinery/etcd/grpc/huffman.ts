// The Huffman code of HPACK (RFC 7541, appendix B). It is canonical, so the code lengths say everything.
import { MalformedHeaders } from './hpack.ts';

/** Code lengths in bits, in runs `symbols×length`, of the symbols 0 to 255 in order. */
const lengths: readonly number[] = (
  '13 23 28*7 24 30 28*2 30 28*8 30 28*9 6 10*2 12 13 6 8 11 10*2 8 11 8 6*3 5*3 6*7 7 8 15 6 12 10 13 6 7*22 8 ' +
  '7 8 13 19 13 14 6 15 5 6 5 6 5 6*3 5 7*2 6*3 5 6 7 6 5*2 6 7*5 15 11 14 13 28 20 22 20*2 22*3 23 22 23*5 24 ' +
  '23 24*2 22 23 24 23*4 21 22 23 22 23*2 24 22 21 20 22*2 23*2 21 23 22*2 24 21 22 23*2 21*2 22 21 23 22 23*2 ' +
  '20 22*3 23 22*2 23 26*2 20 19 22 23 22 25 26*3 27*2 26 24 25 19 21 26 27*2 26 27 24 21*2 26*2 28 27*3 20 24 ' +
  '20 21 22 21*2 23 22*2 25*2 24*2 26 23 26 27 26*2 27*5 28 27*5 26'
)
  .split(' ')
  .flatMap((run) => {
    const [length, times = 1] = run.split('*').map(Number);
    return Array<number>(times).fill(length ?? 0);
  });

interface Length {
  /** The first code of this length, and the symbols of this length in order of their codes. */
  readonly firstCode: number;
  readonly symbols: readonly number[];
}

const byLength: readonly Length[] = (() => {
  const table: Length[] = [];
  let code = 0;
  for (let length = 0; length <= 30; length++) {
    const symbols = [...lengths.keys()].filter((symbol) => lengths[symbol] === length);
    table.push({ firstCode: code, symbols });
    code = (code + symbols.length) * 2;
  }
  return table;
})();

const longestPadding = 7;

/** The text of Huffman-coded bytes, as latin1; padding must be the beginning of the end-of-string code: ones. */
export function decodeHuffman(bytes: Uint8Array): string {
  const decoded: number[] = [];
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      length++;
      const known = byLength[length];
      if (known === undefined) throw new MalformedHeaders('no such Huffman code');
      const symbol = known.symbols[code - known.firstCode];
      if (symbol === undefined) continue;
      decoded.push(symbol);
      code = 0;
      length = 0;
    }
  }
  if (length > longestPadding || code !== 2 ** length - 1) throw new MalformedHeaders('Huffman padding is not ones');
  return Buffer.from(decoded).toString('latin1');
}
