// Reads request bodies within limits, and decodes JSON and YAML into plain values without letting a hostile body hurt:
// size, nesting and alias expansion are bounded, and prototype keys are ordinary keys.
import { isUtf8 } from 'node:buffer';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import {
  ApiError,
  badRequest,
  requestEntityTooLarge,
  timeout,
  unsupportedMediaType,
} from '../../../api/meta/status.ts';
import { decodeProtobuf, MalformedProtobuf } from '../../../api/schema/protobuf/index.ts';
import type { NodeRequest } from './exchange.ts';
import { InProcessRequest } from './in-process.ts';

/** The media type of Kubernetes' protobuf. */
export const protobufType = 'application/vnd.kubernetes.protobuf';
/** Upstream's limit for resource bodies. */
export const maxBodyBytes = 3 * 1024 * 1024;
/** YAML takes a hundred times as long to read as JSON, on the thread that answers everybody. */
export const maxYamlBytes = 512 * 1024;
const byteOrderMark = 0xfeff;
/** How long a body may take to arrive. */
const patienceMs = 60_000;
/** Nesting beyond this is refused; the deepest built-in schema needs about 30, CRDs of operators up to 60. */
const maxDepth = 500;

const observers = new WeakMap<NodeRequest, (body: Buffer) => void>();

/** Shows the body of a request to somebody else too, when it has been read: the audit log. */
export function observeBody(request: NodeRequest, observer: (body: Buffer) => void): void {
  observers.set(request, observer);
}

/** Reads the whole body; answers 413 as soon as it is known to be too large. */
export function readBody(request: NodeRequest, limitBytes = maxBodyBytes): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) return Promise.reject(tooLarge(limitBytes));
  if (request instanceof InProcessRequest) {
    observers.get(request as NodeRequest)?.(request.body);
    return Promise.resolve(request.body);
  }
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const stop = (error: Error): void => {
      clearTimeout(tooSlow);
      request.removeAllListeners('data');
      request.resume();
      reject(error);
    };
    // HTTP/1.1's own limit does not hold for HTTP/2 streams.
    const tooSlow = setTimeout(() => stop(timeout('the request body did not arrive in time')), patienceMs);
    tooSlow.unref();
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size > limitBytes) stop(tooLarge(limitBytes));
      else parts.push(part);
    });
    request.once('end', () => {
      clearTimeout(tooSlow);
      const body = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, size);
      observers.get(request)?.(body);
      resolve(body);
    });
    request.once('error', (cause) => stop(badRequest(`the request body could not be read: ${cause.message}`)));
    request.once('aborted', () => stop(badRequest('the request body ended early')));
  });
}

function tooLarge(limitBytes: number, hint = ''): ApiError {
  return requestEntityTooLarge(`Request entity too large: limit is ${limitBytes}${hint}`);
}

/** The media type of a header without its parameters. */
export function mediaTypeOf(header: string | undefined): string {
  if (header === undefined) return '';
  const end = header.indexOf(';');
  return (end === -1 ? header : header.slice(0, end)).trim().toLowerCase();
}

/** Decodes by content type: JSON (the default), YAML. Others answer 415. */
export function decodeBody(body: Buffer, contentType: string | undefined): unknown {
  const type = mediaTypeOf(contentType);
  if (type === '' || type.endsWith('json') || type === '*/*') return decodeJson(body);
  if (type === protobufType) return decodeProtobufBody(body);
  if (type.endsWith('yaml')) return decodeYaml(body);
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${protobufType}`,
  );
}

function decodeProtobufBody(body: Buffer): unknown {
  try {
    return decodeProtobuf(body);
  } catch (cause) {
    if (cause instanceof MalformedProtobuf)
      throw badRequest(`the body is not valid protobuf: ${cause.message}`, { cause });
    throw cause;
  }
}

function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw badRequest('the body is not valid UTF-8');
  const text = body.toString('utf8');
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
}

/** Parses JSON; depth is checked before parsing, so that no recursion below meets a hostile nesting. */
export function decodeJson(body: Buffer): unknown {
  if (body.length === 0) throw badRequest('the request body is empty');
  checkJson(body);
  try {
    return JSON.parse(textOf(body)) as unknown;
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw badRequest(`the body is not valid JSON: ${(cause as Error).message}`);
  }
}

/** Digits from which on a whole number may be beyond 2^53. */
const longDigits = 16;
/** The bounds of 64-bit integers, which schemas state as limits: there a double says the same to everybody. */
const wellKnownBounds = new Set(['9223372036854775807', '9223372036854775808', '18446744073709551615']);

/** Looks once at every byte outside strings: how deep it nests, and whether its whole numbers can be kept exactly. */
function checkJson(body: Buffer): void {
  let depth = 0;
  let inString = false;
  let digits = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] ?? 0;
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte >= 0x30 && byte <= 0x39) digits++;
    else {
      if (digits >= longDigits) checkExact(body, i - digits, i);
      digits = 0;
      if (byte === 0x22) inString = true;
      else if (byte === 0x7b || byte === 0x5b) {
        if (++depth > maxDepth) throw badRequest(`the body nests deeper than ${maxDepth} levels`);
      } else if (byte === 0x7d || byte === 0x5d) depth--;
    }
  }
}

/** Refuses a whole number that a double cannot hold; digits of fractions and of exponents are rounded, as everywhere. */
function checkExact(body: Buffer, from: number, to: number): void {
  const isPart = (byte: number | undefined): boolean => byte === 0x2e || byte === 0x65 || byte === 0x45;
  if (isPart(body[to]) || isPart(body[from - 1])) return;
  const text = body.toString('latin1', from, to);
  if (wellKnownBounds.has(text) || (to - from <= 400 && BigInt(text) === toWhole(Number(text)))) return;
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw badRequest(`the number ${shown} is beyond 2^53 and cannot be kept exactly; write it as a string`);
}

function toWhole(value: number): bigint | undefined {
  return Number.isFinite(value) ? BigInt(value) : undefined;
}

/** What is JSON is read as JSON: clients send it under YAML's name, and it costs a hundredth. */
function decodeYaml(body: Buffer): unknown {
  const text = textOf(body);
  if (/^\s*\{/.test(text)) {
    try {
      return decodeJson(body);
    } catch {
      // flow-style YAML, or neither: the other parser says which
    }
  }
  if (body.length > maxYamlBytes) throw tooLarge(maxYamlBytes, ' of YAML; send JSON');
  try {
    // YAML 1.1 booleans as Go's library reads them; at most 100 aliases, so that no bomb expands.
    // Keys named twice are the caller's to judge: the last one holds, as in JSON.
    const value: unknown = parseYaml(text, { maxAliasCount: 100, version: '1.1', merge: true, uniqueKeys: false });
    checkJson(Buffer.from(JSON.stringify(value) ?? 'null'));
    return value;
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    const reason = cause instanceof YAMLParseError || cause instanceof ReferenceError ? cause.message : String(cause);
    throw badRequest(`the body is not valid YAML: ${reason}`);
  }
}

/** A plain JSON object, or 400 naming what was found instead. */
export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  throw badRequest(`the body must be an object, found ${found}`);
}
