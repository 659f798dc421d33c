// Keeps the links of a proxied page inside its proxy: absolute paths in the attributes that hold URLs get the proxy's own
// path in front. Works on the stream, tag by tag, byte for byte elsewhere; scripts, styles and comments pass as they are.
import { Transform } from 'node:stream';

/** The attributes that hold URLs, by element, as HTML has them. */
const urlAttributes: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['formaction', 'src', 'usemap'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  track: ['src'],
  video: ['poster', 'src'],
};
const rawElements = new Set(['script', 'style', 'textarea', 'title']);
/** A tag longer than this is no tag. */
const longestTag = 64 * 1024;

/** An absolute path under the prefix; every other URL, and what is under it already, stays. */
export function prefixedUrl(url: string, prefix: string): string {
  const isPath = url.startsWith('/') && !url.startsWith('//');
  if (!isPath || url === prefix || url.startsWith(`${prefix}/`)) return url;
  return prefix + url;
}

/** One start tag with its URLs under the prefix. */
export function rewriteTag(tag: string, prefix: string): string {
  const name = /^<([a-z]+)/i.exec(tag)?.[1]?.toLowerCase() ?? '';
  const attributes = urlAttributes[name];
  if (attributes === undefined) return tag;
  return tag.replace(
    /(\s)([a-z-]+)(\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi,
    (whole, space: string, attribute: string, equals: string, double?: string, single?: string, bare?: string) => {
      if (!attributes.includes(attribute.toLowerCase())) return whole;
      const url = prefixedUrl(double ?? single ?? bare ?? '', prefix);
      const quote = double !== undefined ? '"' : single !== undefined ? "'" : '';
      return `${space}${attribute}${equals}${quote}${url}${quote}`;
    },
  );
}

/** A stream of HTML with links under the prefix. */
export function createLinkRewriter(prefix: string): Transform {
  // Latin-1 keeps every byte as it is; markup is ASCII in all encodings that servers send.
  let pending = '';
  /** What ends the part that is passed through now: `-->` of a comment, `</script` of a script. */
  let rawUntil = '';

  const take = (isLast: boolean): string => {
    let done = '';
    for (;;) {
      if (rawUntil !== '') {
        const end = pending.toLowerCase().indexOf(rawUntil);
        // The end may be cut between two chunks: as much as it is long is held back.
        const safe = end === -1 ? (isLast ? pending.length : Math.max(0, pending.length - rawUntil.length)) : end;
        done += pending.slice(0, safe);
        pending = pending.slice(safe);
        if (end === -1) return done;
        rawUntil = '';
      }
      const start = pending.indexOf('<');
      if (start === -1) {
        done += pending;
        pending = '';
        return done;
      }
      done += pending.slice(0, start);
      pending = pending.slice(start);
      if ('<!--'.startsWith(pending.slice(0, 4)) && !isLast && pending.length < 4) return done;
      if (pending.startsWith('<!--')) {
        rawUntil = '-->';
        continue;
      }
      const end = endOfTag(pending);
      if (end === -1 && !isLast && pending.length < longestTag) return done;
      const tag = pending.slice(0, end === -1 ? 1 : end + 1);
      pending = pending.slice(tag.length);
      done += rewriteTag(tag, prefix);
      const name = /^<([a-z]+)/i.exec(tag)?.[1]?.toLowerCase() ?? '';
      if (rawElements.has(name) && !tag.endsWith('/>')) rawUntil = `</${name}`;
    }
  };

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      pending += chunk.toString('latin1');
      done(null, Buffer.from(take(false), 'latin1'));
    },
    flush(done) {
      done(null, Buffer.from(take(true), 'latin1'));
    },
  });
}

/** Where a tag ends: the first `>` outside quotes. */
function endOfTag(text: string): number {
  let quote = '';
  for (let i = 1; i < text.length && i < longestTag; i++) {
    const letter = text[i] ?? '';
    if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '>') return i;
  }
  return -1;
}
