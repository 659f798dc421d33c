import { describe, expect, it } from 'vitest';
import { parseStreams } from './exec.ts';
import { Readable } from 'node:stream';
import { firstBytes, parseLogQuery } from './logs.ts';

describe('a log query', () => {
  it.each<[string, object]>([
    ['', { follow: false, timestamps: false, previous: false, stdout: true, stderr: true }],
    ['follow=true&timestamps=true&previous=true', { follow: true, timestamps: true, previous: true }],
    ['tailLines=5&limitBytes=100', { tailLines: 5, limitBytes: 100 }],
    ['sinceSeconds=10', { sinceMs: 90_000 }],
    ['sinceTime=1970-01-01T00:00:05Z', { sinceMs: 5_000 }],
    ['stream=Stderr', { stdout: false, stderr: true }],
  ])('%s', (query, wanted) => {
    expect(parseLogQuery(new URLSearchParams(query), 100_000)).toMatchObject(wanted);
  });

  it.each(['tailLines=-1', 'tailLines=x', 'sinceTime=yesterday', 'sinceSeconds=1&sinceTime=1970-01-01T00:00:05Z'])(
    '%s is refused',
    (query) => {
      expect(() => parseLogQuery(new URLSearchParams(query), 0)).toThrow(expect.objectContaining({ status: 400 }));
    },
  );
});

describe('a limited log', () => {
  it.each([
    [0, ''],
    [1, 'a'],
    [3, 'abc'],
    [4, 'abcd'],
    [100, 'abcdef'],
  ])('of %d bytes is the first of them, and ends its source', async (bytes, wanted) => {
    const source = new Readable({ read: () => undefined });
    source.push('abc');
    source.push('def');
    if (bytes > 6) source.push(null);
    expect((await Readable.from(firstBytes(source, bytes)).toArray()).join('')).toBe(wanted);
    if (bytes > 0) expect(source.destroyed).toBe(true);
  });
});

describe('the streams of an exec', () => {
  it.each([
    ['output=1&error=1', { stdin: false, stdout: true, stderr: true, tty: false }],
    ['stdin=true&stdout=true&tty=true&stderr=true', { stdin: true, stdout: true, stderr: false, tty: true }],
  ])('%s', (query, wanted) => {
    expect(parseStreams(new URLSearchParams(query))).toEqual(wanted);
  });

  it('must be at least one', () => {
    expect(() => parseStreams(new URLSearchParams('command=ls'))).toThrow('at least 1');
  });
});
