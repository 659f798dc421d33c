// One nftables table as data: declared sets, maps and chains, and elements that come and go.
// Guarantees: `commit` hands over only what changed since the last one, in one transaction; when the kernel's state is
// not what was left there (first start, a flush by somebody else, a failed transaction) everything is loaded anew,
// again in one transaction, so traffic never sees a half-filled table. Sets marked `live` are filled by packets and kept.
import { applyNft, listNft } from './nft.ts';
import { changeStatements, loadStatements, markName } from './statements.ts';

export interface SetDeclaration {
  readonly kind: 'set' | 'map';
  /** What stands between the braces, e.g. `type ipv4_addr : verdict; flags interval;`. */
  readonly spec: string;
  /** Filled by the packets themselves (affinity): never flushed or listed. */
  readonly live?: boolean;
}

export interface ChainDeclaration {
  /** `type nat hook prerouting priority dstnat;` for a base chain. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

export interface TableDeclaration {
  readonly name: string;
  readonly sets: Readonly<Record<string, SetDeclaration>>;
  readonly chains: Readonly<Record<string, ChainDeclaration>>;
}

export interface NftTable {
  readonly name: string;
  /** Puts an element; `value` is the data of a map. Nothing happens in the kernel before `commit`. */
  put(set: string, key: string, value?: string): void;
  remove(set: string, key: string): void;
  has(set: string, key: string): boolean;
  elementCount(set: string): number;
  /** Adds a regular chain, or changes its rules; what the rules name must be declared by the next `commit`. */
  putChain(name: string, rules: readonly string[]): void;
  /** Adds a set that was not declared from the start, or does nothing when it is there. */
  putSet(name: string, declaration: SetDeclaration): void;
  /** Deletes chains and sets that nothing refers to any more at the next `commit`. */
  drop(what: { readonly chains?: Iterable<string>; readonly sets?: Iterable<string> }): void;
  /** Makes the kernel agree. Throws `NftError`; the next commit then loads everything. */
  commit(): Promise<void>;
  /** Looks whether the table is still as it was left, and loads it anew when not. Answers whether it had to. */
  repair(): Promise<boolean>;
  /** Deletes the table from the kernel. */
  destroy(): Promise<void>;
}

/** Elements beyond which looking at a chain is slow (nft 1.0 reads the whole table for it) and done rarely. */
const manyElements = 2_000;
const rarely = 60;

/** What changed since the last commit. */
export interface TableChanges {
  readonly newSets: Map<string, SetDeclaration>;
  readonly chains: Map<string, readonly string[]>;
  /** Set → key → value before and after (undefined = absent; sets hold ''). */
  readonly elements: Map<string, Map<string, { before?: string; after?: string }>>;
  readonly goneChains: Set<string>;
  readonly goneSets: Set<string>;
}

const noChanges = (): TableChanges => ({
  newSets: new Map(),
  chains: new Map(),
  elements: new Map(),
  goneChains: new Set(),
  goneSets: new Set(),
});

/** A table that is empty but for its declared chains; the kernel hears of it at the first `commit`. */
export function createNftTable(declaration: TableDeclaration): NftTable {
  const { name } = declaration;
  const mark = (0x10000000 + Math.floor(Math.random() * 0xe0000000)).toString(16); // eight digits, as nft prints them
  const sets = new Map(Object.entries(declaration.sets));
  const elements = new Map([...sets.keys()].map((set) => [set, new Map<string, string>()]));
  const chains = new Map<string, readonly string[]>();
  const keepsLiveSets = [...sets.values()].some(({ live }) => live);
  let changes = noChanges();
  let loaded = false;

  const setOf = (set: string): Map<string, string> => {
    const found = elements.get(set);
    if (found === undefined) throw new Error(`table ${name} declares no set ${set}`);
    return found;
  };
  const note = (set: string, key: string, after: string | undefined): void => {
    const current = setOf(set);
    const before = current.get(key);
    if (before === after) return;
    if (after === undefined) current.delete(key);
    else current.set(key, after);
    if (!loaded) return;
    let changed = changes.elements.get(set);
    if (changed === undefined) changes.elements.set(set, (changed = new Map()));
    const earlier = changed.get(key);
    const first = earlier === undefined ? before : earlier.before;
    if (first === after) changed.delete(key);
    else changed.set(key, { before: first, after });
  };
  const load = async (): Promise<void> => {
    changes = noChanges();
    loaded = true; // from here on changes are noted: they come after this snapshot
    const snapshot = [...loadStatements({ name, chains: declaration.chains, sets }, elements, chains, mark)];
    const fresh = [`add table ip ${name}\n`, `delete table ip ${name}\n`, ...snapshot];
    try {
      // Without anything live to keep, starting from nothing also clears what an earlier run may have left.
      if (keepsLiveSets) await applyNft(snapshot).catch(() => applyNft(fresh));
      else await applyNft(fresh);
    } catch (error) {
      loaded = false;
      throw error;
    }
  };
  const commit = async (): Promise<void> => {
    if (!loaded) return load();
    const pending = changes;
    changes = noChanges();
    const statements = [...changeStatements(name, pending)];
    if (statements.length === 0) return;
    // A failure means that the kernel does not hold what we believed.
    await applyNft(statements).catch(() => load());
  };
  let looks = 0;
  const isIntact = async (): Promise<boolean> => {
    const set = await listNft('set', 'ip', name, markName);
    if (set === undefined || !set.includes(`0x${mark}`)) return false;
    let count = 0;
    for (const each of elements.values()) count += each.size;
    if (count > manyElements && looks++ % rarely !== 0) return true;
    return (await listNft('chain', 'ip', name, markName))?.includes(mark) === true;
  };
  return {
    name,
    put: (set, key, value = '') => note(set, key, value),
    remove: (set, key) => note(set, key, undefined),
    has: (set, key) => setOf(set).has(key),
    elementCount: (set) => setOf(set).size,
    putChain(chain, rules) {
      changes.goneChains.delete(chain);
      if (chains.get(chain)?.join('\n') === rules.join('\n')) return;
      chains.set(chain, rules);
      if (loaded) changes.chains.set(chain, rules);
    },
    putSet(set, setDeclaration) {
      changes.goneSets.delete(set);
      if (sets.has(set)) return;
      sets.set(set, setDeclaration);
      elements.set(set, new Map());
      if (loaded) changes.newSets.set(set, setDeclaration);
    },
    drop({ chains: goneChains = [], sets: goneSets = [] }) {
      for (const chain of goneChains) {
        if (!chains.delete(chain) || !loaded) continue;
        changes.chains.delete(chain);
        changes.goneChains.add(chain); // deleting is preceded by adding, so it may also never have been there
      }
      for (const set of goneSets) {
        if (!sets.delete(set)) continue;
        elements.delete(set);
        changes.elements.delete(set);
        if (loaded && !changes.newSets.delete(set)) changes.goneSets.add(set);
      }
    },
    commit,
    async repair() {
      if (loaded && (await isIntact())) return false;
      await load();
      return true;
    },
    async destroy() {
      loaded = false;
      await applyNft([`add table ip ${name}\n`, `delete table ip ${name}\n`]);
    },
  };
}
