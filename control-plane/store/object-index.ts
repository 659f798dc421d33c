// The objects of one moment, found by key, by folder (a resource, or a namespace of it) and by a pod's node.
// Lists are sorted by key and shared: a list once handed out never changes, the next change makes a new one.
import type { ObjectVersion } from './stored-object.ts';

/** The folders a key lies in, nearest first: for /registry/pods/a/b these are /registry/pods/a/, /registry/pods/, /registry/, /. */
export function foldersOf(key: string): string[] {
  const folders: string[] = [];
  for (let slash = key.lastIndexOf('/'); slash >= 0; slash = slash === 0 ? -1 : key.lastIndexOf('/', slash - 1)) {
    folders.push(key.slice(0, slash + 1));
  }
  return folders;
}

class Folder {
  readonly objects = new Map<string, ObjectVersion>();
  #keys: string[] | undefined;
  #list: readonly ObjectVersion[] | undefined;

  set(version: ObjectVersion): void {
    if (!this.objects.has(version.key)) this.#keys = undefined;
    this.objects.set(version.key, version);
    this.#list = undefined;
  }

  delete(key: string): void {
    this.objects.delete(key);
    this.#keys = undefined;
    this.#list = undefined;
  }

  list(): readonly ObjectVersion[] {
    if (this.#list) return this.#list;
    this.#keys ??= [...this.objects.keys()].sort();
    this.#list = this.#keys.map((key) => this.objects.get(key)).filter((version) => version !== undefined);
    return this.#list;
  }
}

const none: readonly ObjectVersion[] = [];

export class ObjectIndex {
  readonly #folders = new Map<string, Folder>();
  /** Every ancestor → the folders below it that hold objects. */
  readonly #below = new Map<string, Set<string>>();
  readonly #lists = new Map<string, readonly ObjectVersion[]>();
  readonly #byNode = new Map<string, Map<string, ObjectVersion>>();

  get(key: string): ObjectVersion | undefined {
    return this.#folders.get(folderOf(key))?.objects.get(key);
  }

  set(version: ObjectVersion): void {
    const path = folderOf(version.key);
    let folder = this.#folders.get(path);
    if (!folder) {
      folder = new Folder();
      this.#folders.set(path, folder);
      for (const ancestor of foldersOf(version.key).slice(1)) {
        const below = this.#below.get(ancestor);
        if (below) below.add(path);
        else this.#below.set(ancestor, new Set([path]));
      }
    }
    this.#reindexNode(folder.objects.get(version.key), version);
    folder.set(version);
    this.#forgetLists(version.key);
  }

  delete(key: string): void {
    const path = folderOf(key);
    const folder = this.#folders.get(path);
    const version = folder?.objects.get(key);
    if (!folder || !version) return;
    this.#reindexNode(version, undefined);
    folder.delete(key);
    if (folder.objects.size === 0) {
      this.#folders.delete(path);
      for (const ancestor of foldersOf(key).slice(1)) this.#below.get(ancestor)?.delete(path);
    }
    this.#forgetLists(key);
  }

  /** Everything below a folder, in key order. */
  list(prefix: string): readonly ObjectVersion[] {
    const below = this.#below.get(prefix);
    if (!below || below.size === 0) return this.#folders.get(prefix)?.list() ?? none;
    let list = this.#lists.get(prefix);
    if (!list) {
      const paths = this.#folders.has(prefix) ? [prefix, ...below] : [...below];
      const lists = paths.sort().map((path) => this.#folders.get(path)?.list() ?? none);
      list = lists.flat();
      if (this.#folders.has(prefix)) list = [...list].sort((a, b) => (a.key < b.key ? -1 : 1));
      this.#lists.set(prefix, list);
    }
    return list;
  }

  /** How many objects lie below a folder. */
  count(prefix: string): number {
    let sum = this.#folders.get(prefix)?.objects.size ?? 0;
    for (const path of this.#below.get(prefix) ?? []) sum += this.#folders.get(path)?.objects.size ?? 0;
    return sum;
  }

  /** The pods bound to a node, in key order. */
  listByNode(prefix: string, nodeName: string): readonly ObjectVersion[] {
    const versions = [...(this.#byNode.get(nodeName)?.values() ?? [])].filter(({ key }) => key.startsWith(prefix));
    return versions.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  *values(): Iterable<ObjectVersion> {
    for (const folder of this.#folders.values()) yield* folder.objects.values();
  }

  #forgetLists(key: string): void {
    if (this.#lists.size === 0) return;
    for (const ancestor of foldersOf(key).slice(1)) this.#lists.delete(ancestor);
  }

  #reindexNode(before: ObjectVersion | undefined, after: ObjectVersion | undefined): void {
    if (before?.nodeName !== undefined && before.nodeName !== after?.nodeName) {
      const pods = this.#byNode.get(before.nodeName);
      pods?.delete(before.key);
      if (pods?.size === 0) this.#byNode.delete(before.nodeName);
    }
    if (after?.nodeName === undefined) return;
    const pods = this.#byNode.get(after.nodeName);
    if (pods) pods.set(after.key, after);
    else this.#byNode.set(after.nodeName, new Map([[after.key, after]]));
  }
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}
