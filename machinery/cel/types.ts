// The types of CEL: what the checker reasons with and what error messages name.

/** A type. Objects are the same when their names are. */
export type CelType =
  | { readonly kind: Primitive }
  | { readonly kind: 'list'; readonly element: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | { readonly kind: 'object'; readonly name: string; readonly fields: FieldsOf }
  | { readonly kind: 'opaque'; readonly name: string; readonly parameters: readonly CelType[] }
  | { readonly kind: 'type'; readonly of: CelType }
  | { readonly kind: 'param'; readonly name: string };

type Primitive =
  'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'null' | 'dyn' | 'timestamp' | 'duration' | 'error';

/** Answers the type of an object's field; undefined when there is no such field. */
export type FieldsOf = (name: string) => CelType | undefined;

export const bool: CelType = { kind: 'bool' };
export const int: CelType = { kind: 'int' };
export const uint: CelType = { kind: 'uint' };
export const double: CelType = { kind: 'double' };
export const text: CelType = { kind: 'string' };
export const bytes: CelType = { kind: 'bytes' };
export const nothing: CelType = { kind: 'null' };
export const dyn: CelType = { kind: 'dyn' };
export const timestamp: CelType = { kind: 'timestamp' };
export const duration: CelType = { kind: 'duration' };
/** The type of what has a fault already: agrees with everything, so that one fault is told once. */
export const faulty: CelType = { kind: 'error' };

export const list = (element: CelType): CelType => ({ kind: 'list', element });
export const map = (key: CelType, value: CelType): CelType => ({ kind: 'map', key, value });
export const opaque = (name: string, ...parameters: CelType[]): CelType => ({ kind: 'opaque', name, parameters });
export const optional = (of: CelType): CelType => opaque('optional_type', of);
export const typeOf = (of: CelType): CelType => ({ kind: 'type', of });
export const param = (name: string): CelType => ({ kind: 'param', name });
export const A = param('A');
export const B = param('B');

/** An object type with a fixed set of fields. */
export function objectType(name: string, fields: ReadonlyMap<string, CelType>): CelType {
  return { kind: 'object', name, fields: (field) => fields.get(field) };
}

const spelled: Partial<Record<CelType['kind'], string>> = {
  null: 'null',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  error: '!error!',
};

/** A type as cel-go writes it in messages. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'object':
      return type.name;
    case 'opaque':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(', ')})`;
    case 'type':
      return `type(${formatType(type.of)})`;
    case 'param':
      return type.name;
    default:
      return spelled[type.kind] ?? type.kind;
  }
}

/** Whether two type values are equal: containers whatever they contain. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'object' || a.kind === 'opaque') return a.name === (b as typeof a).name;
  return true;
}
