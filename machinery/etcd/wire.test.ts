import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGuardedWrite, decodeWatch, encodeGuardedWrite, encodeRange } from './messages.ts';
import { MalformedMessage, MessageReader, MessageWriter } from './wire.ts';

describe('the wire format', () => {
  it('reads back every number, text and message that it writes', () => {
    const fields = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('number' as const), value: fc.maxSafeNat() }),
        fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'grapheme', maxLength: 300 }) }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(fields, (given) => {
        const writer = new MessageWriter();
        writer.message(3, () => {
          for (const { kind, value } of given.toReversed()) {
            if (kind === 'number') writer.number(1, value);
            else writer.bytes(2, value);
          }
        });
        const outer = new MessageReader(writer.finish());
        expect(outer.next()).toBe(true);
        const reader = outer.message();
        const found: (number | string)[] = [];
        while (reader.next()) found.push(reader.field === 1 ? reader.number() : reader.text());
        expect(found).toEqual(given.map(({ value }) => value).filter((value) => value !== 0 && value !== ''));
        expect(outer.next()).toBe(false);
      }),
    );
  });

  it('writes negative numbers in ten bytes, and IDs of 64 bits survive', () => {
    const writer = new MessageWriter();
    writer.number(6, -1);
    const bytes = writer.finish();
    expect(bytes).toHaveLength(11);
    const reader = new MessageReader(bytes);
    reader.next();
    expect(reader.id()).toBe('18446744073709551615');
  });

  it('skips fields that nobody reads, of every type', () => {
    const reader = new MessageReader(
      Buffer.from('08ff01' + '110102030405060708' + '1a026162' + '2501020304' + '3007', 'hex'),
    );
    const fields: number[] = [];
    while (reader.next()) fields.push(reader.field);
    expect(fields).toEqual([1, 2, 3, 4, 6]);
  });

  it.each(['1a05616263', '08ff', '0b'])('refuses the malformed message %s', (text) => {
    const reader = new MessageReader(Buffer.from(text, 'hex'));
    expect(() => {
      while (reader.next());
    }).toThrow(MalformedMessage);
  });

  it('writes requests as etcd reads them', () => {
    expect(encodeRange({ key: 'a', end: 'b', limit: 500, revision: 7 }).toString('hex')).toBe(
      '0a016112016218f40320073801',
    );
    const write = { put: '/k', value: Buffer.from('v') };
    const guarded = encodeGuardedWrite({ guards: [{ key: '/k', modRevision: 9 }], write, otherwiseRead: ['/k'] });
    expect(guarded.toString('hex')).toBe('0a0810021a022f6b3009' + '120912070a022f6b120176' + '1a060a040a022f6b');
  });

  it('reads an answer of a guard that failed, and of a watch', () => {
    const failed = '0a021805' + '1a0b0a091207' + '0a022f6b18032a';
    expect(() => decodeGuardedWrite(Buffer.from(failed, 'hex'))).toThrow(MalformedMessage);
    const found = decodeGuardedWrite(Buffer.from('0a0218051a0d0a0b12090a022f6b18032a0176', 'hex'));
    expect(found).toMatchObject({ landed: false, revision: 5, found: [{ key: '/k', modRevision: 3 }] });
    const watch = decodeWatch(Buffer.from('5a0c080112080a022f6b180c2a00', 'hex'));
    expect(watch.events).toEqual([{ key: '/k', value: undefined, revision: 12 }]);
  });
});
