// One nftables table as data: declared sets, maps and chains, and elements that come and go.
// Guarantees: `commit` hands over only what changed since the last one, in one transaction; when the kernel's state is
// not what was left there (first start, a flush by somebody else, a failed transaction) everything is loaded anew,
// again in one transaction, so traffic never sees a half-filled table. Sets marked `live` are filled by packets and kept.
import { applyNft, listNft, NftError } from './nft.ts';
import { changeStatements, loadStatements } from './statements.ts';

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

/** Elements of one set that differ: key → value before and after (undefined = absent; sets hold ''). */
export type SetChanges = ReadonlyMap<string, { readonly before?: string; readonly after?: string }>;

export interface NftTable {
  readonly name: string;
  /** Puts an element; `value` is the data of a map. Nothing happens in the kernel before `commit`. */
  put(set: string, key: string, value?: string): void;
  remove(set: string, key: string): void;
  has(set: string, key: string): boolean;
  elementCount(set: string): number;
  /** Adds a regular chain, or changes its rules. Chains are shapes, few in number, and stay until the next full load. */
  putChain(name: string, rules: readonly string[]): void;
  /** Makes the kernel agree. Throws `NftError`; the next commit then loads everything. */
  commit(): Promise<void>;
  /** Looks whether the table is still as it was left, and loads it anew when not. Answers whether it had to. */
  repair(): Promise<boolean>;
  /** Deletes the table from the kernel. */
  destroy(): Promise<void>;
}

/** The chain whose one rule proves that nobody has flushed the table: it carries this process's own comment. */
const markChain = 'intact';

/** A table that is empty but for its declared chains; the kernel hears of it at the first `commit`. */
export function createNftTable(declaration: TableDeclaration): NftTable {
  const { name } = declaration;
  const mark = `pilothouse ${process.pid} ${Math.random().toString(36).slice(2)}`;
  const elements = new Map(Object.keys(declaration.sets).map((set) => [set, new Map<string, string>()]));
  const changes = new Map<string, Map<string, { before?: string; after?: string }>>();
  const chains = new Map<string, readonly string[]>();
  const newChains = new Set<string>();
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
    let changed = changes.get(set);
    if (changed === undefined) changes.set(set, (changed = new Map()));
    const earlier = changed.get(key);
    const first = earlier === undefined ? before : earlier.before;
    if (first === after) changed.delete(key);
    else changed.set(key, { before: first, after });
  };
  const load = async (): Promise<void> => {
    changes.clear();
    newChains.clear();
    const statements = (): Iterable<string> => loadStatements(declaration, elements, chains, markChain, mark);
    loaded = true; // from here on changes are noted: they come after this snapshot
    const snapshot = [...statements()];
    try {
      await applyNft(snapshot);
    } catch (error) {
      // Another version of us declared a set differently: start from nothing, still in one transaction.
      const fresh = [`add table ip ${name}\n`, `delete table ip ${name}\n`, ...snapshot];
      await applyNft(fresh).catch((again: unknown) => {
        loaded = false;
        throw new NftError(again instanceof NftError ? again.stderr : String(again), { cause: error });
      });
    }
  };
  const commit = async (): Promise<void> => {
    if (!loaded) return load();
    const pending = new Map([...changes].filter(([, changed]) => changed.size > 0));
    const added = new Map([...newChains].map((chain) => [chain, chains.get(chain) ?? []]));
    changes.clear();
    newChains.clear();
    if (pending.size === 0 && added.size === 0) return;
    try {
      await applyNft(changeStatements(declaration, pending, added));
    } catch {
      await load(); // the kernel does not hold what we believed
    }
  };
  return {
    name,
    put: (set, key, value = '') => note(set, key, value),
    remove: (set, key) => note(set, key, undefined),
    has: (set, key) => setOf(set).has(key),
    elementCount: (set) => setOf(set).size,
    putChain(chain, rules) {
      const known = chains.get(chain);
      if (known !== undefined && known.join('\n') === rules.join('\n')) return;
      chains.set(chain, rules);
      newChains.add(chain);
    },
    commit,
    async repair() {
      const text = loaded ? await listNft('chain', 'ip', name, markChain) : undefined;
      if (text?.includes(mark)) return false;
      await load();
      return true;
    },
    async destroy() {
      loaded = false;
      await applyNft([`add table ip ${name}\n`, `delete table ip ${name}\n`]);
    },
  };
}
