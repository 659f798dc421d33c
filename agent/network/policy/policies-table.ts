// The table of the policies. Only new connections through the node are judged: replies pass, and so does everything
// between a pod and its own node, which the API promises and probes need.
import { createNftTable } from '../../nftables/table.ts';
import type { NftTable } from '../../nftables/table.ts';
import type { PolicyPlan } from './plan-policies.ts';

/** An empty policy table. Egress is judged before ingress; both must let a packet pass. */
export function createPoliciesTable(): NftTable {
  const judge = (match: string, map: string): string[] => [
    'ct state established,related accept',
    'ip saddr . ip daddr @self accept',
    `${match} vmap @${map}`,
  ];
  return createNftTable({
    name: 'pilothouse-policies',
    sets: {
      'ingress-pods': { kind: 'map', spec: 'type ipv4_addr : verdict;' },
      'egress-pods': { kind: 'map', spec: 'type ipv4_addr : verdict;' },
      self: { kind: 'set', spec: 'type ipv4_addr . ipv4_addr;' },
    },
    chains: {
      egress: { hook: 'type filter hook forward priority filter - 10;', rules: judge('ip saddr', 'egress-pods') },
      ingress: { hook: 'type filter hook forward priority filter - 5;', rules: judge('ip daddr', 'ingress-pods') },
    },
  });
}

function replaceElements(
  table: NftTable,
  set: string,
  next: ReadonlyMap<string, string>,
  before: Iterable<string>,
): void {
  for (const key of before) if (!next.has(key)) table.remove(set, key);
  for (const [key, value] of next) table.put(set, key, value);
}

const asMap = (keys: Iterable<string>): Map<string, string> => new Map([...keys].map((key) => [key, '']));

/** Stages the difference between two plans; `commit` is the caller's. */
export function stagePlan(table: NftTable, previous: PolicyPlan | undefined, next: PolicyPlan): void {
  for (const [set, { spec, elements }] of next.sets) {
    table.putSet(set, { kind: 'set', spec });
    replaceElements(table, set, asMap(elements), previous?.sets.get(set)?.elements ?? []);
  }
  for (const [chain, rules] of next.chains) table.putChain(chain, rules);
  for (const direction of ['ingress', 'egress'] as const) {
    const before = previous?.isolated[direction].keys() ?? [];
    replaceElements(table, `${direction}-pods`, next.isolated[direction], before);
  }
  replaceElements(table, 'self', asMap(next.self), previous?.self ?? []);
  table.drop({
    chains: [...(previous?.chains.keys() ?? [])].filter((chain) => !next.chains.has(chain)),
    sets: [...(previous?.sets.keys() ?? [])].filter((set) => !next.sets.has(set)),
  });
}
