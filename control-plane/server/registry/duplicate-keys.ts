// Finds keys that an object names twice: parsers keep the last silently, strict field validation must tell.
import { isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { decodeJson, maxYamlBytes, mediaTypeOf, protobufType } from '../http/body.ts';
import type { FieldValidation } from './write-options.ts';

const mostReported = 10;
const openingBrace = 0x7b;

/** A sentence for each duplicate key of a body; none are looked for where nobody wants to be told. */
export function duplicateKeyComplaints(
  body: Buffer,
  contentType: string | undefined,
  validation: FieldValidation,
): string[] {
  if (validation === 'Ignore') return [];
  const type = mediaTypeOf(contentType);
  if (type === protobufType) return [];
  if (type.endsWith('yaml')) {
    // Mostly it is JSON, which is looked through much faster; what is too large for YAML is refused when it is read.
    const isSound = body[0] === openingBrace && isJson(body) && findDuplicateKeys(body).length === 0;
    return isSound || body.length > maxYamlBytes ? [] : yamlComplaints(body.toString());
  }
  return findDuplicateKeys(body).map((path) => `duplicate field "${path}"`);
}

/**
 * In the words of Go's YAML library, which clients know. Other faults are for the parser that reads the value. The
 * parser's own search compares every key of a map with every other one.
 */
function yamlComplaints(text: string): string[] {
  const lineCounter = new LineCounter();
  const options = { lineCounter, version: '1.1', merge: true, prettyErrors: false, uniqueKeys: false } as const;
  const complaints: string[] = [];
  visit(parseDocument(text, options), {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (seen.has(key.value)) {
          const { line } = lineCounter.linePos(key.range?.[0] ?? 0);
          complaints.push(`line ${line}: key "${String(key.value)}" already set in map`);
          if (complaints.length === mostReported) return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return complaints;
}

function isJson(body: Buffer): boolean {
  try {
    decodeJson(body);
    return true;
  } catch {
    return false;
  }
}

interface Level {
  /** Undefined inside an array. */
  readonly keys: Set<string> | undefined;
  readonly path: string;
  key: string;
  index: number;
}

/** Paths of duplicate keys in a JSON text. Malformed text gives whatever was found before the fault: JSON.parse judges it. */
export function findDuplicateKeys(body: Buffer): string[] {
  const found: string[] = [];
  const stack: Level[] = [];
  for (let i = 0; i < body.length && found.length < mostReported; i++) {
    const byte = body[i];
    const top = stack.at(-1);
    if (byte === 0x22) {
      const end = endOfString(body, i);
      if (top?.keys !== undefined && isKey(body, end)) {
        const key = body.toString('utf8', i + 1, end);
        if (top.keys.has(key)) found.push(top.path === '' ? key : `${top.path}.${key}`);
        top.keys.add(key);
        top.key = key;
      }
      i = end;
    } else if (byte === 0x7b) stack.push({ keys: new Set(), path: childPath(top), key: '', index: 0 });
    else if (byte === 0x5b) stack.push({ keys: undefined, path: childPath(top), key: '', index: 0 });
    else if (byte === 0x7d || byte === 0x5d) stack.pop();
    else if (byte === 0x2c && top !== undefined) top.index++;
  }
  return found;
}

function childPath(parent: Level | undefined): string {
  if (parent === undefined) return '';
  if (parent.keys === undefined) return `${parent.path}[${parent.index}]`;
  return parent.path === '' ? parent.key : `${parent.path}.${parent.key}`;
}

function endOfString(body: Buffer, start: number): number {
  let i = start + 1;
  while (i < body.length && body[i] !== 0x22) i += body[i] === 0x5c ? 2 : 1;
  return i;
}

function isKey(body: Buffer, end: number): boolean {
  let i = end + 1;
  while (i < body.length && (body[i] === 0x20 || body[i] === 0x0a || body[i] === 0x0d || body[i] === 0x09)) i++;
  return body[i] === 0x3a;
}
