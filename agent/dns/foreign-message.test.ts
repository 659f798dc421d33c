import { decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyResponse, readResponse, truncateResponse } from './foreign-message.ts';
import { parseQuery } from './wire.ts';

const question = { type: 'A' as const, name: 'a.example' };
const response = encode({
  type: 'response',
  id: 1,
  flags: 0x0180,
  questions: [question],
  answers: [
    { type: 'CNAME', name: 'a.example', ttl: 300, data: 'b.example' },
    { type: 'A', name: 'b.example', ttl: 60, data: '203.0.113.1' },
  ],
});

describe('responses of other servers', () => {
  it('are remembered as long as their shortest record', () => {
    expect(readResponse(response)).toMatchObject({ ttlSeconds: 60 });
  });

  it('age, and carry the asker’s id and spelling', () => {
    const kept = readResponse(response);
    const asker = encode({ type: 'query', id: 9, questions: [{ type: 'A', name: 'A.Example' }] });
    const end = parseQuery(asker)?.questionEnd ?? 0;
    const copy = decode(copyResponse(kept as NonNullable<typeof kept>, asker, end, 50));
    expect(copy.id).toBe(9);
    expect(copy.questions?.[0]?.name).toBe('A.Example');
    expect(copy.answers).toMatchObject([{ ttl: 250 }, { ttl: 10 }]);
  });

  it('are cut to their question when they do not fit', () => {
    const end = 12 + 'a.example'.length + 2 + 4;
    expect(decode(truncateResponse(response, end))).toMatchObject({
      flag_tc: true,
      answers: [],
      questions: [question],
    });
  });

  it('are never remembered when truncated or failed', () => {
    for (const flags of [0x0380, 0x0182]) {
      const bytes = encode({ type: 'response', id: 1, flags, questions: [question] });
      expect(readResponse(bytes)?.ttlSeconds).toBe(0);
    }
  });

  it('do no harm whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readResponse(Buffer.from(bytes))));
  });
});
