// Objects as bytes: canonical JSON begins {"apiVersion":…,"kind":…,"metadata":{ and is kept in etcd without
// resourceVersion, which is spliced in once per revision. Bytes that others wrote are re-encoded first.
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import { sameJson } from '../../api/schema/json-value.ts';
import type { StoredObject } from './contract.ts';

const canonicalStart = /^\{"apiVersion":"[^"\\]*","kind":"[^"\\]*","metadata":\{/;
const longestStart = 400;

/** Encodes an object as it is kept in etcd: canonical order, no resourceVersion. */
export function encodeObject(object: KubernetesObject): Buffer {
  const metadata: { resourceVersion?: string; selfLink?: string } = object.metadata;
  if (!isInOrder(object) || metadata.selfLink !== undefined || Object.isFrozen(metadata)) return encodeInOrder(object);
  const { resourceVersion } = metadata;
  if (resourceVersion === undefined) return Buffer.from(JSON.stringify(object));
  // Left out for the moment: V8 writes an object as it was parsed three times faster than one put together anew.
  metadata.resourceVersion = undefined;
  try {
    return Buffer.from(JSON.stringify(object));
  } finally {
    metadata.resourceVersion = resourceVersion;
  }
}

const canonicalOrder = ['apiVersion', 'kind', 'metadata'];

function isInOrder(object: KubernetesObject): boolean {
  let place = 0;
  for (const key in object) {
    if (key !== canonicalOrder[place]) return false;
    if (++place === canonicalOrder.length) return true;
  }
  return false;
}

function encodeInOrder(object: KubernetesObject): Buffer {
  const { apiVersion, kind, metadata, ...rest } = object;
  const { resourceVersion: _revision, selfLink: _link, ...kept } = metadata;
  return Buffer.from(JSON.stringify({ apiVersion, kind, metadata: kept, ...rest }));
}

/** Where metadata's members begin in canonical bytes, or -1 for bytes of another hand. */
function metadataStart(value: Buffer): number {
  const head = value.toString('latin1', 0, Math.min(longestStart, value.length));
  return canonicalStart.exec(head)?.[0].length ?? -1;
}

/** The served bytes of a value from etcd: a new buffer of its own, resourceVersion inside. */
export function stampRevision(value: Buffer, revision: number): Buffer {
  let source = value;
  let at = metadataStart(source);
  // A resourceVersion anywhere may be metadata's own, written by another hand: only parsing can tell.
  if (at < 0 || source.includes('"resourceVersion":"')) {
    source = encodeObject(JSON.parse(value.toString('utf8')) as KubernetesObject);
    at = metadataStart(source);
  }
  return splice(source, at, revision);
}

function splice(source: Buffer, at: number, revision: number): Buffer {
  const empty = source[at] === 0x7d; // "metadata":{}
  const inserted = `"resourceVersion":"${revision}"${empty ? '' : ','}`;
  const bytes = Buffer.allocUnsafeSlow(source.length + inserted.length);
  source.copy(bytes, 0, 0, at);
  bytes.write(inserted, at, 'latin1');
  source.copy(bytes, at + inserted.length, at);
  return bytes;
}

/** The one implementation of StoredObject. `nodeName` is kept for pods, whose watches are indexed by it. */
export class ObjectVersion implements StoredObject {
  readonly key: string;
  readonly revision: number;
  readonly nodeName: string | undefined;
  /** The bytes, or the earlier version that they are made of when first asked for. */
  #content: Buffer | ObjectVersion;
  /** The parsed value: itself in the turn that first asked for it, weakly once it is asked for again. */
  #shared: KubernetesObject | WeakRef<KubernetesObject> | undefined;
  #wasShared = false;

  constructor(key: string, revision: number, content: Buffer | ObjectVersion, nodeName: string | undefined) {
    this.key = key;
    this.revision = revision;
    this.#content = content;
    this.nodeName = nodeName;
  }

  get bytes(): Buffer {
    if (this.#content instanceof ObjectVersion) this.#content = restamp(this.#content.bytes, this.revision);
    return this.#content;
  }

  parse(): KubernetesObject {
    return JSON.parse(this.bytes.toString('utf8')) as KubernetesObject;
  }

  // V8 takes a WeakRef's target for alive until the next full collection. Most values are asked for in one turn only: as
  // WeakRefs they would all move to the old generation, and a busy server's heap would grow by hundreds of megabytes.
  peek(): KubernetesObject {
    const known = this.#shared instanceof WeakRef ? this.#shared.deref() : this.#shared;
    if (known !== undefined) return known;
    const value = this.parse();
    if (this.#wasShared) this.#shared = new WeakRef(value);
    else {
      this.#wasShared = true;
      this.#shared = value;
      atTurnEnd(this);
    }
    return value;
  }

  /** Lets go of a value that only this turn has asked for. */
  forgetTurn(): void {
    if (!(this.#shared instanceof WeakRef)) this.#shared = undefined;
  }

  /** The same state under a later revision: what a deletion serves. */
  at(revision: number): ObjectVersion {
    return new ObjectVersion(this.key, revision, this, this.nodeName);
  }
}

let sharedThisTurn: ObjectVersion[] = [];

function atTurnEnd(version: ObjectVersion): void {
  if (sharedThisTurn.push(version) > 1) return;
  setImmediate(() => {
    const versions = sharedThisTurn;
    sharedThisTurn = [];
    for (const one of versions) one.forgetTurn();
  });
}

/** Served bytes under another revision: resourceVersion comes first in our own metadata. */
function restamp(bytes: Buffer, revision: number): Buffer {
  const at = metadataStart(bytes);
  const end = bytes.indexOf(0x22, at + '"resourceVersion":"'.length) + 1;
  const inserted = `"resourceVersion":"${revision}"`;
  const stamped = Buffer.allocUnsafeSlow(at + inserted.length + bytes.length - end);
  bytes.copy(stamped, 0, 0, at);
  stamped.write(inserted, at, 'latin1');
  bytes.copy(stamped, at + inserted.length, end);
  return stamped;
}

const podPrefix = '/registry/pods/';

/** A version from a value of etcd. `before` saves looking for a bound pod's node again: it never changes. */
export function versionFromValue(key: string, revision: number, value: Buffer, before?: ObjectVersion): ObjectVersion {
  const bytes = stampRevision(value, revision);
  return new ObjectVersion(key, revision, bytes, before?.nodeName ?? nodeNameIn(key, bytes));
}

/** A version of what `encodeObject` made of `object`: nothing needs to be looked for in the bytes. */
export function versionFromOwn(key: string, revision: number, value: Buffer, object: KubernetesObject): ObjectVersion {
  const bytes = splice(value, metadataStart(value), revision);
  const { spec } = object as { spec?: { nodeName?: string } };
  return new ObjectVersion(key, revision, bytes, key.startsWith(podPrefix) ? spec?.nodeName || undefined : undefined);
}

function nodeNameIn(key: string, bytes: Buffer): string | undefined {
  if (!key.startsWith(podPrefix) || !bytes.includes('"nodeName":"')) return undefined;
  const pod = JSON.parse(bytes.toString('utf8')) as { spec?: { nodeName?: string } };
  return pod.spec?.nodeName || undefined;
}

/** Whether writing `value` over `current` would change nothing. */
export function isSameState(current: ObjectVersion, value: Buffer): boolean {
  const stamped = splice(value, metadataStart(value), current.revision);
  if (stamped.equals(current.bytes)) return true;
  if (stamped.length !== current.bytes.length) return false;
  // As long and not alike: another order of keys, or another content.
  return sameJson(JSON.parse(stamped.toString('utf8')), current.peek());
}
