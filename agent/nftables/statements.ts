// From a table's data to nft's language. Pure.
import type { ChainDeclaration, SetDeclaration, TableChanges } from './table.ts';

interface Skeleton {
  readonly name: string;
  readonly sets: ReadonlyMap<string, SetDeclaration>;
  readonly chains: Readonly<Record<string, ChainDeclaration>>;
}
type Elements = ReadonlyMap<string, ReadonlyMap<string, string>>;
type Chains = ReadonlyMap<string, readonly string[]>;

/**
 * A set and a chain of this name hold this process's own mark: the set shows that the table is the one that was loaded,
 * the chain that nobody has flushed its rules.
 */
export const markName = 'intact';

/** Elements per statement: long lines parse fast, but one error message prints its whole line. */
const elementsPerStatement = 500;

function* elementStatements(
  verb: 'add' | 'delete',
  table: string,
  set: string,
  elements: Iterable<string>,
): Generator<string> {
  let batch: string[] = [];
  const statement = (): string => `${verb} element ip ${table} ${set} { ${batch.join(', ')} }\n`;
  for (const element of elements) {
    batch.push(element);
    if (batch.length < elementsPerStatement) continue;
    yield statement();
    batch = [];
  }
  if (batch.length > 0) yield statement();
}

const elementText = (key: string, value: string): string => (value === '' ? key : `${key} : ${value}`);

function* chainStatements(table: string, chain: string, rules: readonly string[]): Generator<string> {
  yield `flush chain ip ${table} ${chain}\n`;
  for (const rule of rules) yield `add rule ip ${table} ${chain} ${rule}\n`;
}

/** The whole table: declared, emptied of what an earlier run left (but for live sets), and filled. */
export function* loadStatements(
  skeleton: Skeleton,
  elements: Elements,
  chains: Chains,
  mark: string,
): Generator<string> {
  const { name, sets } = skeleton;
  yield `add table ip ${name}\n`;
  yield `flush table ip ${name}\n`;
  for (const [set, { kind, spec, live }] of sets) {
    yield `add ${kind} ip ${name} ${set} { ${spec} }\n`;
    if (!live) yield `flush ${kind} ip ${name} ${set}\n`;
  }
  const declared = Object.entries(skeleton.chains);
  for (const [chain, { hook }] of declared) yield `add chain ip ${name} ${chain}${hook ? ` { ${hook} }` : ''}\n`;
  for (const chain of chains.keys()) yield `add chain ip ${name} ${chain}\n`;
  yield `add set ip ${name} ${markName} { type mark; }\nflush set ip ${name} ${markName}\n`;
  yield `add chain ip ${name} ${markName}\n`;
  for (const [chain, { rules }] of declared) yield* chainStatements(name, chain, rules);
  for (const [chain, rules] of chains) yield* chainStatements(name, chain, rules);
  yield `add rule ip ${name} ${markName} counter comment "${mark}"\n`;
  yield `add element ip ${name} ${markName} { 0x${mark} }\n`;
  for (const [set, entries] of elements) {
    yield* elementStatements(
      'add',
      name,
      set,
      mapIterable(entries, ([key, value]) => elementText(key, value)),
    );
  }
}

/** Only what changed: first what new elements and rules may point at, last the removal of what nothing points at. */
export function* changeStatements(name: string, changes: TableChanges): Generator<string> {
  for (const [set, { kind, spec }] of changes.newSets) yield `add ${kind} ip ${name} ${set} { ${spec} }\n`;
  for (const chain of changes.chains.keys()) yield `add chain ip ${name} ${chain}\n`;
  for (const [chain, rules] of changes.chains) yield* chainStatements(name, chain, rules);
  for (const [set, changed] of changes.elements) {
    const gone = [...changed].filter(([, { before }]) => before !== undefined);
    const come = [...changed].filter(([, { after }]) => after !== undefined);
    yield* elementStatements(
      'delete',
      name,
      set,
      gone.map(([key]) => key),
    );
    yield* elementStatements(
      'add',
      name,
      set,
      come.map(([key, { after = '' }]) => elementText(key, after)),
    );
  }
  for (const chain of changes.goneChains) yield `add chain ip ${name} ${chain}\nflush chain ip ${name} ${chain}\n`;
  for (const chain of changes.goneChains) yield `delete chain ip ${name} ${chain}\n`;
  for (const set of changes.goneSets) yield `delete set ip ${name} ${set}\n`;
}

function* mapIterable<T, R>(items: Iterable<T>, of: (item: T) => R): Generator<R> {
  for (const item of items) yield of(item);
}
