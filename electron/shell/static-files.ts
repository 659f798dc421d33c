// Serves the built renderer from one folder: nothing outside it, right types, hashed assets cached for good, texts
// compressed for whoever accepts it (once per file, as hashed names never change their content).
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.map': 'application/json',
};

const texts = new Set(['.html', '.js', '.css', '.svg', '.json']);
const smallestWorthwhile = 1024;
const compressed = new Map<string, Promise<Buffer>>();

/** The file's compressed body; kept for hashed assets, of which there are a few dozen. */
function compressedBody(path: string, body: Buffer, keep: boolean): Promise<Buffer> {
  const known = compressed.get(path) ?? compress(body);
  if (keep) compressed.set(path, known);
  return known;
}

export interface StaticFile {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** The file at a URL path under `root`, or nothing when there is none or the path leads elsewhere. */
export async function readStaticFile(
  root: string,
  urlPath: string,
  acceptEncoding = '',
): Promise<StaticFile | undefined> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return undefined; // malformed escapes name no file
  }
  if (decoded.includes('\0')) return undefined;
  const path = normalize(join(root, decoded === '/' ? 'index.html' : decoded));
  if (!path.startsWith(normalize(root) + sep)) return undefined;
  const type = types[extname(path)];
  if (type === undefined) return undefined;
  try {
    const body = await readFile(path);
    const isHashed = decoded.startsWith('/assets/');
    const cacheControl = isHashed ? 'public, max-age=31536000, immutable' : 'no-cache';
    const headers = { 'content-type': type, 'cache-control': cacheControl, vary: 'accept-encoding' };
    const takesGzip = /\bgzip\b/.test(acceptEncoding) && texts.has(extname(path)) && body.length >= smallestWorthwhile;
    if (!takesGzip) return { body, headers };
    return { body: await compressedBody(path, body, isHashed), headers: { ...headers, 'content-encoding': 'gzip' } };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
