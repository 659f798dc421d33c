// Builds list answers from stored bytes: one allocation, no object is parsed or re-encoded.
import { apiVersionOf } from '../served/served-resources.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import type { StoredObject } from '../../store/contract.ts';
import type { ListMeta } from '../../../api/meta/object-meta.ts';

const comma = 0x2c;
const tail = Buffer.from(']}\n');

/** The JSON of a list whose items are already JSON. */
export function encodeList(definition: ResourceDefinition, metadata: ListMeta, items: readonly Uint8Array[]): Buffer {
  const head = Buffer.from(
    `{"kind":"${definition.listKind}","apiVersion":"${apiVersionOf(definition)}","metadata":${JSON.stringify(metadata)},"items":[`,
  );
  let size = head.length + tail.length + Math.max(items.length - 1, 0);
  for (const item of items) size += item.byteLength;
  const whole = Buffer.allocUnsafe(size);
  let at = head.copy(whole, 0);
  for (let i = 0; i < items.length; i++) {
    if (i > 0) whole[at++] = comma;
    const item = items[i];
    if (item === undefined) continue;
    whole.set(item, at);
    at += item.byteLength;
  }
  tail.copy(whole, at);
  return whole;
}

/** The served bytes of stored objects. */
export function bytesOf(items: readonly StoredObject[]): Uint8Array[] {
  return items.map((item) => item.bytes);
}
