// What a key of the cluster's store names: /registry/pods/NAMESPACE/NAME and, for kinds of other makers,
// /registry/GROUP/PLURAL/[NAMESPACE/]NAME. Pure.
import { catalogue } from '../../../api/kinds/catalogue.ts';

export interface NamedObject {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

const byPrefix = new Map(catalogue.map((definition) => [definition.storagePrefix, definition]));

/** The object that a key names. */
export function objectOfKey(key: string): NamedObject {
  const parts = key.split('/');
  for (let length = parts.length - 1; length > 2; length--) {
    const definition = byPrefix.get(`${parts.slice(0, length).join('/')}/`);
    if (definition === undefined) continue;
    const rest = parts.slice(length);
    const name = rest.at(-1) ?? '';
    return rest.length > 1 ? { kind: definition.kind, namespace: rest[0], name } : { kind: definition.kind, name };
  }
  const [plural = '', ...rest] = parts.slice(3);
  const name = rest.at(-1) ?? '';
  return rest.length > 1 ? { kind: plural, namespace: rest[0], name } : { kind: plural, name };
}
