import { describe, expect, it } from 'vitest';
import { createHeaderReader, createHeaderWriter, decodeHeaders, encodeHeaders } from './header-block.ts';
import type { Headers } from './header-block.ts';

describe('SPDY header blocks', () => {
  it('start from the dictionary of the specification, by its checksum on the wire', async () => {
    const block = await createHeaderWriter()({ streamtype: 'error' });
    expect(block.subarray(2, 6).toString('hex')).toBe('e3c6a7c2');
  });

  it('come back as they went, block after block', async () => {
    const write = createHeaderWriter();
    const read = createHeaderReader();
    const blocks: Headers[] = [
      { streamtype: 'error', port: '80' },
      {},
      { streamtype: 'data', port: '80', requestid: '0' },
    ];
    for (const headers of blocks) expect(await read(await write(headers))).toEqual(headers);
  });

  it('are refused when they are cut off', () => {
    const block = encodeHeaders({ name: 'value' });
    expect(() => decodeHeaders(block.subarray(0, block.length - 1))).toThrow(RangeError);
  });
});
