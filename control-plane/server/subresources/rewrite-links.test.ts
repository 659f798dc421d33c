import { describe, expect, it } from 'vitest';
import { createLinkRewriter, prefixedUrl } from './rewrite-links.ts';

const prefix = '/api/v1/namespaces/n/pods/p/proxy';

async function rewritten(html: string, chunkSize = html.length || 1): Promise<string> {
  const stream = createLinkRewriter(prefix);
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  const ended = new Promise<void>((resolve) => stream.on('end', () => resolve()));
  const bytes = Buffer.from(html);
  for (let i = 0; i < bytes.length; i += chunkSize) stream.write(bytes.subarray(i, i + chunkSize));
  stream.end();
  await ended;
  return Buffer.concat(parts).toString();
}

describe('a proxied page', () => {
  const cases: [string, string][] = [
    ['<a href="/rewriteme">test</a>', `<a href="${prefix}/rewriteme">test</a>`],
    ["<IMG alt='x' SRC='/i.png'>", `<IMG alt='x' SRC='${prefix}/i.png'>`],
    ['<form action=/go method=post>', `<form action=${prefix}/go method=post>`],
    [
      '<a href="relative">é</a><a href="//host/x"><a href="https://h/">',
      '<a href="relative">é</a><a href="//host/x"><a href="https://h/">',
    ],
    [`<a href="${prefix}/x">`, `<a href="${prefix}/x">`],
    ['<div data-href="/x" href="/y">', '<div data-href="/x" href="/y">'],
    ['<a title="a > b" href="/x">', `<a title="a > b" href="${prefix}/x">`],
    ['<!-- <a href="/x"> --><a href="/y">', `<!-- <a href="/x"> --><a href="${prefix}/y">`],
    [
      '<script src="/s.js">"<a href=\\"/x\\">"</script><link href="/c.css">',
      `<script src="${prefix}/s.js">"<a href=\\"/x\\">"</script><link href="${prefix}/c.css">`,
    ],
    ['1 < 2 and <a href="/x', '1 < 2 and <a href="/x'],
    ['', ''],
  ];

  it.each(cases)('%s', async (html, expected) => {
    expect(await rewritten(html)).toBe(expected);
  });

  it.each(cases)('%s, in pieces of every size', async (html, expected) => {
    for (const size of [1, 2, 3, 7]) expect(await rewritten(html, size)).toBe(expected);
  });

  it('holds no more than one tag’s worth of what never ends', async () => {
    const endless = `<${'x'.repeat(300_000)}`;
    expect(await rewritten(endless, 10_000)).toBe(endless);
  });
});

it('prefixes absolute paths alone', () => {
  expect(['/a', 'a', '//h/a', 'http://h/a', prefix].map((url) => prefixedUrl(url, prefix))).toEqual([
    `${prefix}/a`,
    'a',
    '//h/a',
    'http://h/a',
    prefix,
  ]);
});
