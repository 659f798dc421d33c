import { describe, expect, it } from 'vitest';
import { decodeHeaders, encodeHeaders, HeaderReader, MalformedHeaders } from './hpack.ts';
import { decodeHuffman } from './huffman.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('header compression', () => {
  it('reads the examples of RFC 7541 that need no dynamic table', () => {
    expect(decodeHeaders(hex('040c 2f73 616d 706c 652f 7061 7468'))).toEqual({ ':path': '/sample/path' });
    expect(decodeHeaders(hex('1008 7061 7373 776f 7264 0673 6563 7265 74'))).toEqual({ password: 'secret' });
    expect(decodeHeaders(hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'))).toEqual({
      ':method': 'GET',
      ':scheme': 'http',
      ':path': '/',
      ':authority': 'www.example.com',
    });
    expect(decodeHuffman(hex('a8eb 1064 9cbf'))).toBe('no-cache');
    expect(decodeHuffman(hex('9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3'))).toBe('https://www.example.com');
  });

  it('reads back what it writes, long values too', () => {
    const headers = { ':path': '/etcdserverpb.KV/Txn', te: 'trailers', long: 'x'.repeat(1000) };
    expect(decodeHeaders(encodeHeaders(Object.entries(headers)))).toEqual(headers);
  });

  it('passes over changes of a table that stays empty, and remembers whole blocks', () => {
    expect(decodeHeaders(hex('20 88'))).toEqual({ ':status': '200' });
    const reader = new HeaderReader();
    expect(reader.read(hex('88'))).toBe(reader.read(hex('88')));
  });

  it.each([
    ['a string that is cut short', '0005 6162'],
    ['an entry that the static table does not have', 'be'],
    ['a number without end', '7fff ffff ffff ff'],
    ['padding that is not ones', '0001 61 81 00'],
  ])('refuses %s', (_what, block) => {
    expect(() => decodeHeaders(hex(block))).toThrow(MalformedHeaders);
  });
});
