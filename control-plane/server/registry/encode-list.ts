// Builds list answers from stored bytes: no object is parsed, re-encoded or copied here.
import { apiVersionOf } from '../served/served-resources.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import type { StoredObject } from '../../store/contract.ts';
import type { ListMeta } from '../../../api/meta/object-meta.ts';

const comma = Buffer.from(',');
const tail = Buffer.from(']}\n');

/** The JSON of a list whose items are already JSON, as parts to be joined. */
export function listParts(
  definition: ResourceDefinition,
  metadata: ListMeta,
  items: readonly StoredObject[],
): Uint8Array[] {
  const parts: Uint8Array[] = [
    Buffer.from(
      `{"kind":"${definition.listKind}","apiVersion":"${apiVersionOf(definition)}","metadata":${JSON.stringify(metadata)},"items":[`,
    ),
  ];
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) parts.push(comma);
    isFirst = false;
    parts.push(item.bytes);
  }
  parts.push(tail);
  return parts;
}
