// Message descriptors, read from messages.data.ts line by line when a message is first met.
import { messageFields } from './messages.data.ts';

export type ScalarType = 'string' | 'bool' | 'int32' | 'int64' | 'uint32' | 'uint64' | 'double' | 'bytes';

/** What zero means for a scalar that is on the wire: nothing, something, or something always written. */
export type Presence = 'implicit' | 'explicit' | 'always';

/** One field of a message. */
export interface MessageField {
  readonly number: number;
  /** The field's name in JSON. */
  readonly name: string;
  readonly kind: 'one' | 'list' | 'map';
  readonly presence: Presence;
  /** The message's fields stand directly in the owner's JSON. */
  readonly inline: boolean;
  /** A scalar, or a message's name. */
  readonly type: string;
}

/** One message: its fields by number and by JSON name. */
export interface Message {
  readonly name: string;
  readonly fields: readonly MessageField[];
  readonly byNumber: ReadonlyMap<number, MessageField>;
  readonly byName: ReadonlyMap<string, MessageField>;
}

const scalars: ReadonlySet<string> = new Set<ScalarType>([
  'string',
  'bool',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'double',
  'bytes',
]);
const presences: Readonly<Record<string, Presence>> = {
  ':': 'implicit',
  '&': 'implicit',
  '?': 'explicit',
  '!': 'always',
};
const known = new Map<string, Message>();

/** Whether this type is a scalar rather than a message. */
export function isScalar(type: string): type is ScalarType {
  return scalars.has(type);
}

function parseField(word: string): MessageField {
  const [, name, number, mark, shape, type] = /^(.+?)=(\d+)([:?!&])(\[\]|\{\})?(.+)$/.exec(word) ?? [];
  if (name === undefined || mark === undefined || type === undefined) throw new Error(`not a field: ${word}`);
  const kind = shape === '[]' ? 'list' : shape === '{}' ? 'map' : 'one';
  return { name, number: Number(number), kind, presence: presences[mark] ?? 'implicit', inline: mark === '&', type };
}

/** The message of this short name, e.g. `core.v1.Pod`; undefined when there is none. */
export function findMessage(name: string): Message | undefined {
  const found = known.get(name);
  if (found !== undefined) return found;
  const line = messageFields[name];
  if (line === undefined) return undefined;
  const fields = line === '' ? [] : line.split(' ').map(parseField);
  const message = {
    name,
    fields,
    byNumber: new Map(fields.map((field) => [field.number, field])),
    byName: new Map(fields.map((field) => [field.name, field])),
  };
  known.set(name, message);
  return message;
}

/** Like findMessage, for names that stand in the data themselves. */
export function messageOf(name: string): Message {
  const message = findMessage(name);
  if (message === undefined) throw new Error(`no protobuf message is called ${name}`);
  return message;
}

/**
 * The message of a kind: `apps/v1` and `Deployment` give `apps.v1.Deployment`. Groups are shortened as upstream's Go
 * packages are: `rbac.authorization.k8s.io` is `rbac`, `apiregistration.k8s.io` is `apiregistration`.
 */
export function messageNameOf(apiVersion: string, kind: string): string | undefined {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const name = group === 'internal.apiserver.k8s.io' ? 'apiserverinternal' : group?.split('.')[0];
  const own = `${name}.${version}.${kind}`;
  if (messageFields[own] !== undefined) return own;
  // Options, Status and the like are served in every group, and declared once in meta/v1.
  return messageFields[`meta.v1.${kind}`] === undefined ? undefined : `meta.v1.${kind}`;
}
