// A small S3 for tests, strict where real ones are: every request's signature is recomputed from what came over the wire,
// payload hashes are checked against the payload, parts must be complete. Keeps objects in memory.
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestS3 {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly objects: Map<string, Buffer>;
  /** Uploads begun and neither completed nor aborted. */
  readonly openUploads: Map<string, Map<number, Buffer>>;
  /** How many keys a page of a listing holds. */
  pageSize: number;
  close(): Promise<void>;
}

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** Starts it on loopback with one bucket. */
export async function startTestS3(bucket = 'backups'): Promise<TestS3> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const { status, code, message } =
        error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
      response.writeHead(status).end(`<Error><Code>${code}</Code><Message>${escape(message)}</Message></Error>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const s3: TestS3 = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    accessKeyId: 'TESTKEY',
    secretAccessKey: 'test/secret+key',
    objects: new Map(),
    openUploads: new Map(),
    pageSize: 1000,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    verify(request, body, s3);
    const [path = '', search = ''] = (request.url ?? '').split('?');
    const query = new URLSearchParams(search);
    const [, inBucket = '', ...rest] = path.split('/').map(decodeURIComponent);
    if (inBucket !== s3.bucket) throw new Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const key = rest.join('/');
    const uploadId = query.get('uploadId');
    if (key === '') return list(query, response);
    if (uploadId !== null || query.has('uploads')) return multipart(request, response, key, query, body);
    if (request.method === 'PUT') s3.objects.set(key, body);
    else if (request.method === 'DELETE') s3.objects.delete(key);
    else {
      const object = s3.objects.get(key);
      if (object === undefined) throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
      response.writeHead(200, { 'content-length': object.length }).end(object);
      return;
    }
    response.writeHead(request.method === 'DELETE' ? 204 : 200).end();
  }

  function list(query: URLSearchParams, response: ServerResponse): void {
    const after = query.get('continuation-token') ?? '';
    const keys = [...s3.objects.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
      .sort();
    const page = keys.slice(0, s3.pageSize);
    const items = page.map(
      (key) =>
        `<Contents><Key>${escape(key)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>${s3.objects.get(key)?.length}</Size></Contents>`,
    );
    const more =
      keys.length > page.length ? `<NextContinuationToken>${escape(page.at(-1) ?? '')}</NextContinuationToken>` : '';
    response.end(`<ListBucketResult>${items.join('')}${more}</ListBucketResult>`);
  }

  function multipart(
    request: IncomingMessage,
    response: ServerResponse,
    key: string,
    query: URLSearchParams,
    body: Buffer,
  ): void {
    const id = query.get('uploadId') ?? randomUUID();
    if (query.has('uploads')) {
      s3.openUploads.set(id, new Map());
      response.end(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
      return;
    }
    const upload = s3.openUploads.get(id);
    if (upload === undefined) throw new Refusal(404, 'NoSuchUpload', 'The upload does not exist');
    if (request.method === 'PUT') {
      upload.set(Number(query.get('partNumber')), body);
      response.writeHead(200, { etag: `"${sha256(body)}"` }).end();
    } else if (request.method === 'DELETE') {
      s3.openUploads.delete(id);
      response.writeHead(204).end();
    } else {
      const wanted = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>"(\w+)"<\/ETag>/g)];
      const parts = wanted.map(([, number, tag]) => {
        const part = upload.get(Number(number));
        if (part === undefined || sha256(part) !== tag) throw new Refusal(400, 'InvalidPart', `part ${number}`);
        return part;
      });
      s3.objects.set(key, Buffer.concat(parts));
      s3.openUploads.delete(id);
      response.end('<CompleteMultipartUploadResult/>');
    }
  }
  return s3;
}

function verify(request: IncomingMessage, body: Buffer, s3: TestS3): void {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w{64})$/;
  const [, id, day, region, signed = '', signature = ''] = pattern.exec(request.headers.authorization ?? '') ?? [];
  if (id !== s3.accessKeyId) throw new Refusal(403, 'InvalidAccessKeyId', 'The access key does not exist');
  const names = signed.split(';');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const mustBeSigned = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-') || name === 'host');
  if (!mustBeSigned.every((name) => names.includes(name)))
    throw new Refusal(403, 'AccessDenied', 'There were headers present in the request which were not signed');
  if (header('x-amz-content-sha256') !== sha256(body))
    throw new Refusal(400, 'XAmzContentSHA256Mismatch', 'The provided hash does not match the payload');
  const [path = '', search = ''] = (request.url ?? '').split('?');
  // The wire's own spelling must already be canonical: decoding and encoding again changes nothing.
  const query = search.split('&').filter(Boolean).sort().join('&');
  const canonical = [
    request.method,
    path,
    query,
    ...names.map((name) => `${name}:${header(name)}`),
    '',
    signed,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${header('x-amz-date')}\n${scope}\n${sha256(canonical)}`;
  const key = [day ?? '', region ?? '', 's3', 'aws4_request'].reduce(
    (secret: Buffer | string, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${s3.secretAccessKey}`,
  );
  const expected = createHmac('sha256', key).update(toSign).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex')))
    throw new Refusal(403, 'SignatureDoesNotMatch', 'The signature does not match');
}
