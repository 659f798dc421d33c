import { describe, expect, it } from 'vitest';
import type { NetworkPolicy } from '../../../api/kinds/networking/index.ts';
import { makeNamespace, makePod, makePolicy } from '../../../test/support/network-objects.ts';
import { createPodDirectory } from './directory.ts';
import { planPolicies } from './plan-policies.ts';

const directory = createPodDirectory();
directory.putNamespace('shop', makeNamespace('shop', { team: 'a' }));
directory.putNamespace('other', makeNamespace('other', { team: 'b' }));
const put = (name: string, namespace: string, podIP: string, rest: Partial<Parameters<typeof makePod>[2]> = {}): void =>
  directory.putPod(`${namespace}/${name}`, makePod(name, namespace, { nodeName: 'here', podIP, ...rest }));
put('db', 'shop', '10.244.1.2', { labels: { app: 'db' }, ports: [{ name: 'sql', containerPort: 5432 }] });
put('db2', 'shop', '10.244.1.3', { labels: { app: 'db' }, ports: [{ name: 'sql', containerPort: 5433 }] });
put('web', 'shop', '10.244.2.2', { labels: { app: 'web' }, nodeName: 'there' });
put('spy', 'other', '10.244.2.3', { labels: { app: 'web' }, nodeName: 'there' });
put('job', 'shop', '10.244.1.9', { labels: { app: 'db' }, phase: 'Succeeded' });
put('host', 'shop', '192.168.1.1', { labels: { app: 'db' }, hostNetwork: true });

const plan = (...specs: NetworkPolicy['spec'][]) =>
  planPolicies(
    specs.map((spec, index) => makePolicy(`p${index}`, 'shop', spec)),
    directory,
    'here',
  );
const db = { matchLabels: { app: 'db' } };
const onlyChain = (of: ReturnType<typeof plan>): readonly string[] => [...of.chains.values()][0] ?? [];
const elementsOf = (of: ReturnType<typeof plan>, prefix: string): string[] =>
  [...of.sets].flatMap(([name, { elements }]) => (name.startsWith(prefix) ? [...elements] : []));

describe('planning network policies', () => {
  it('isolates the local pods it selects, and no others', () => {
    const { isolated, chains } = plan({ podSelector: db });
    expect([...isolated.ingress.keys()]).toEqual(['10.244.1.2', '10.244.1.3']);
    expect(isolated.egress.size).toBe(0);
    expect([...chains.values()]).toEqual([['drop']]);
  });

  it('isolates egress when there is an egress section, or the type says so', () => {
    expect(plan({ podSelector: db, egress: [{}] }).isolated.egress.size).toBe(2);
    expect(plan({ podSelector: db, policyTypes: ['Egress'] }).isolated.ingress.size).toBe(0);
  });

  it('accepts everything for a rule without peers and ports', () => {
    expect(onlyChain(plan({ podSelector: {}, ingress: [{}] }))).toEqual(['accept', 'drop']);
  });

  it('means pods of its own namespace by a pod selector, and of others by a namespace selector', () => {
    const pods = { matchLabels: { app: 'web' } };
    expect(elementsOf(plan({ podSelector: db, ingress: [{ from: [{ podSelector: pods }] }] }), 'pods-')).toEqual([
      '10.244.2.2',
    ]);
    const everywhere = { podSelector: db, ingress: [{ from: [{ namespaceSelector: {}, podSelector: pods }] }] };
    expect(elementsOf(plan(everywhere), 'pods-')).toEqual(['10.244.2.2', '10.244.2.3']);
    const teamB = { namespaceSelector: { matchLabels: { team: 'b' } } };
    expect(elementsOf(plan({ podSelector: db, ingress: [{ from: [teamB] }] }), 'pods-')).toEqual(['10.244.2.3']);
  });

  it('resolves a named port on each pod that is the destination', () => {
    const ports = [{ protocol: 'TCP' as const, port: 'sql' }];
    expect(elementsOf(plan({ podSelector: db, ingress: [{ ports }] }), 'named-')).toEqual([
      '10.244.1.2 . tcp . 5432',
      '10.244.1.3 . tcp . 5433',
    ]);
    const egress = [{ to: [{ podSelector: db }], ports }];
    expect(elementsOf(plan({ podSelector: { matchLabels: {} }, egress }), 'named-')).toHaveLength(2);
  });

  it('matches numbered ports, ranges and whole protocols', () => {
    const ports = [{ port: 80 }, { port: 8000, endPort: 8100 }, { protocol: 'UDP' as const }];
    expect(onlyChain(plan({ podSelector: db, ingress: [{ ports }] }))).toEqual([
      'meta l4proto tcp th dport 80 accept',
      'meta l4proto tcp th dport 8000-8100 accept',
      'meta l4proto udp accept',
      'drop',
    ]);
  });

  it('shares one chain between pods with the same policies, and joins the rules of several policies', () => {
    const web = { matchLabels: { app: 'web' } };
    const joined = plan(
      { podSelector: db, ingress: [{ from: [{ podSelector: web }] }] },
      { podSelector: {}, ingress: [{ ports: [{ port: 1 }] }] },
    );
    expect(joined.chains.size).toBe(1);
    expect(onlyChain(joined)).toHaveLength(3);
  });

  it('lets nothing in by a rule whose blocks are all IPv6', () => {
    expect(onlyChain(plan({ podSelector: db, ingress: [{ from: [{ ipBlock: { cidr: 'fd00::/8' } }] }] }))).toEqual([
      'drop',
    ]);
  });
});
