// Any S3-compatible store as a place for backups: path-style requests signed with SigV4, every payload's hash signed too,
// large files in parts. An upload that fails leaves no object and no parts behind.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { BackupError } from './errors.ts';
import { emptyPayloadHash, encodeStrictly, signRequest } from './sigv4.ts';

import type { BackupTarget, StoredFile } from './target.ts';

export const s3Schema = z.strictObject({
  /** http(s)://HOST[:PORT] of the store. */
  endpoint: z.url({ protocol: /^https?$/ }),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  /** Folder inside the bucket, without slashes at its ends. */
  prefix: z
    .string()
    .regex(/^[^/].*[^/]$|^[^/]?$/)
    .default(''),
  region: z.string().default('us-east-1'),
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().optional(),
  /** PEM of the authority of the store's own certificate. */
  ca: z.string().optional(),
});

export type S3Options = z.infer<typeof s3Schema>;

export interface S3Tuning {
  readonly now?: () => number;
  /** Files larger than this go in parts of this size; S3 wants at least 5 MiB. */
  readonly partBytes?: number;
}

const timeoutMs = 60_000;

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

interface Body {
  readonly hash: string;
  readonly bytes: number;
  readonly source: string | { readonly path: string; readonly start: number; readonly end: number };
}

/** The place `options` describes; nothing is asked before it is used. */
export function s3Target(options: S3Options, tuning: S3Tuning = {}): BackupTarget {
  const { now = Date.now, partBytes = 64 * 1024 * 1024 } = tuning;
  const folder = options.prefix === '' ? '' : `${options.prefix}/`;
  const place = `${options.endpoint.replace(/\/+$/, '')}/${options.bucket}/${folder}`;

  const open = (
    method: string,
    name: string,
    query: Readonly<Record<string, string>>,
    body: Body | undefined,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> => {
    const url = new URL(options.endpoint);
    const path = name === '' ? '' : `${folder}${name}`;
    url.pathname = `/${[options.bucket, ...path.split('/')].map(encodeStrictly).join('/')}`.replace(/\/$/, '');
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    const headers = signRequest(
      {
        method,
        url,
        headers: body === undefined ? {} : { 'content-length': String(body.bytes) },
        payloadHash: body?.hash ?? emptyPayloadHash,
      },
      options,
      now(),
    );
    // The query on the wire is spelt as it was signed.
    const search = [...url.searchParams].map(([key, value]) => `${encodeStrictly(key)}=${encodeStrictly(value)}`);
    const target = `${url.pathname}${search.length > 0 ? `?${search.join('&')}` : ''}`;
    const ask = url.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const call = ask(
        {
          host: url.hostname,
          port: url.port,
          method,
          path: target,
          headers,
          ca: options.ca,
          signal,
          timeout: timeoutMs,
        },
        resolve,
      );
      call.on('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
      call.on('error', (cause) => {
        reject(
          signal?.aborted ? (signal.reason as Error) : new BackupError('storage', `${place}: ${cause.message}`, cause),
        );
      });
      if (body === undefined || typeof body.source === 'string') call.end(body?.source ?? '');
      else {
        const { path: file, start, end } = body.source;
        createReadStream(file, { start, end, highWaterMark: 1 << 20 })
          .on('error', (error) => call.destroy(error))
          .pipe(call);
      }
    });
  };

  const ask = async (
    method: string,
    name: string,
    query: Readonly<Record<string, string>> = {},
    body?: Body,
    signal?: AbortSignal,
  ): Promise<Answer> => {
    const response = await open(method, name, query, body, signal);
    const text = await readAll(response);
    const status = response.statusCode ?? 0;
    if (status >= 300) throw refusal(status, text, `${method} ${place}${name}`);
    return { status, headers: response.headers, text };
  };

  const putWhole = async (name: string, localPath: string, bytes: number, signal?: AbortSignal): Promise<void> => {
    await ask('PUT', name, {}, await bodyOf(localPath, 0, bytes), signal);
  };

  const putInParts = async (name: string, localPath: string, bytes: number, signal?: AbortSignal): Promise<void> => {
    const begun = await ask('POST', name, { uploads: '' }, undefined, signal);
    const uploadId = elements(begun.text, 'UploadId')[0];
    if (uploadId === undefined) throw new BackupError('storage', `${place} gave no id for an upload in parts`);
    try {
      const tags: string[] = [];
      for (let start = 0; start < bytes; start += partBytes) {
        const part = await bodyOf(localPath, start, Math.min(partBytes, bytes - start));
        const answer = await ask('PUT', name, { partNumber: String(tags.length + 1), uploadId }, part, signal);
        tags.push(String(answer.headers.etag));
      }
      const list = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
      const text = `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`;
      const done = await ask('POST', name, { uploadId }, textBody(text), signal);
      if (done.text.includes('<Error>')) throw refusal(200, done.text, `completing ${place}${name}`);
    } catch (error) {
      await ask('DELETE', name, { uploadId }).catch(() => undefined); // the first failure is the one to tell
      throw error;
    }
  };

  return {
    place,
    async list(signal) {
      const files: StoredFile[] = [];
      let token: string | undefined;
      do {
        const query: Record<string, string> = { 'list-type': '2', prefix: folder };
        if (token !== undefined) query['continuation-token'] = token;
        const { text } = await ask('GET', '', query, undefined, signal);
        for (const item of elements(text, 'Contents')) {
          const name = (elements(item, 'Key')[0] ?? '').slice(folder.length);
          const modifiedAtMs = Date.parse(elements(item, 'LastModified')[0] ?? '');
          if (name !== '' && !name.includes('/'))
            files.push({ name, bytes: Number(elements(item, 'Size')[0]), modifiedAtMs });
        }
        token = elements(text, 'NextContinuationToken')[0];
      } while (token !== undefined);
      return files;
    },
    async put(name, localPath, signal) {
      const { size } = await stat(localPath);
      await (size > partBytes ? putInParts : putWhole)(name, localPath, size, signal);
    },
    async get(name, localPath, signal) {
      const response = await open('GET', name, {}, undefined, signal);
      const status = response.statusCode ?? 0;
      if (status >= 300) throw refusal(status, await readAll(response), `GET ${place}${name}`);
      const unfinished = `${localPath}.unfinished`;
      try {
        await pipeline(response, createWriteStream(unfinished, { mode: 0o600 }), { signal });
        await rename(unfinished, localPath);
      } finally {
        await rm(unfinished, { force: true });
      }
    },
    async readText(name, signal) {
      try {
        return (await ask('GET', name, {}, undefined, signal)).text;
      } catch (error) {
        if (error instanceof BackupError && error.failure === 'absent') return undefined;
        throw error;
      }
    },
    async writeText(name, text, signal) {
      await ask('PUT', name, {}, textBody(text), signal);
    },
    async delete(name, signal) {
      await ask('DELETE', name, {}, undefined, signal);
    },
  };
}

async function bodyOf(path: string, start: number, bytes: number): Promise<Body> {
  const hash = createHash('sha256');
  const end = start + bytes - 1;
  if (bytes > 0)
    for await (const chunk of createReadStream(path, { start, end, highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
  return { hash: hash.digest('hex'), bytes, source: { path, start, end } };
}

function textBody(text: string): Body {
  return { hash: createHash('sha256').update(text).digest('hex'), bytes: Buffer.byteLength(text), source: text };
}

async function readAll(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function refusal(status: number, text: string, doing: string): BackupError {
  const code = elements(text, 'Code')[0] ?? '';
  const message = elements(text, 'Message')[0] ?? text.slice(0, 200);
  const isAbsent = status === 404 && code !== 'NoSuchBucket';
  return new BackupError(isAbsent ? 'absent' : 'storage', `${doing}: ${status} ${code} ${message}`.trim());
}

/** The contents of every element of that name, entities decoded; enough for S3's flat answers. */
function elements(xml: string, name: string): string[] {
  const found = [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map(([, inner = '']) => inner);
  return found.map((inner) => (inner.includes('<') ? inner : decodeEntities(inner)));
}

function decodeEntities(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return named[name ?? ''] ?? whole;
  });
}
