import { describe, expect, it } from 'vitest';
import type { ReachQuestion } from '../../../api/console/index.ts';
import type { Namespace, Pod } from '../../../api/kinds/core/index.ts';
import type { NetworkPolicy } from '../../../api/kinds/networking/index.ts';
import { mayReach } from './may-reach.ts';

const pod = (namespace: string, app: string, podIP: string): Pod =>
  ({
    metadata: { name: app, namespace, labels: { app } },
    spec: { containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: { podIP },
  }) as unknown as Pod;
const policy = (name: string, spec: object): NetworkPolicy =>
  ({ metadata: { name, namespace: 'shop' }, spec }) as unknown as NetworkPolicy;

const namespaces = [
  { metadata: { name: 'shop', labels: { team: 'shop' } } },
  { metadata: { name: 'data', labels: { team: 'data' } } },
] as unknown as Namespace[];
const cart = pod('shop', 'cart', '10.0.0.1');
const ledger = pod('shop', 'ledger', '10.0.0.2');
const cache = pod('data', 'cache', '10.0.1.3');
const question = (port = 8080): ReachQuestion => ({
  from: { namespace: '', pod: '' },
  to: { namespace: '', pod: '' },
  port,
  protocol: 'TCP',
});
const onlyCart = policy('only-cart', {
  podSelector: { matchLabels: { app: 'ledger' } },
  policyTypes: ['Ingress'],
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'cart' } } }], ports: [{ port: 'http' }] }],
});
const ask = (from: Pod, to: Pod, policies: readonly NetworkPolicy[], port?: number): boolean =>
  mayReach({ from, to, namespaces, policies }, question(port)).allowed;

describe('whether one pod may reach another', () => {
  it('is yes where no policy speaks of either', () => {
    expect(ask(cache, ledger, [])).toBe(true);
    expect(ask(cart, cache, [onlyCart])).toBe(true);
  });

  it('is what any policy of the target allows, by labels and named port', () => {
    expect(ask(cart, ledger, [onlyCart])).toBe(true);
    expect(ask(cart, ledger, [onlyCart], 9090)).toBe(false);
    expect(ask(cache, ledger, [onlyCart])).toBe(false);
    const data = policy('data-too', {
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'data' } } }] }],
    });
    expect(ask(cache, ledger, [onlyCart, data])).toBe(true);
  });

  it('needs both directions, and matches address blocks with their exceptions', () => {
    const noWayOut = policy('no-way-out', { podSelector: {}, policyTypes: ['Egress'] });
    const answer = mayReach({ from: cart, to: ledger, namespaces, policies: [onlyCart, noWayOut] }, question());
    expect(answer).toMatchObject({ allowed: false, ingress: { allowed: true }, egress: { allowed: false } });
    const ipBlock = { cidr: '10.0.0.0/16', except: ['10.0.1.0/24'] };
    const block = policy('block', { podSelector: {}, egress: [{ to: [{ ipBlock }] }], policyTypes: ['Egress'] });
    expect(ask(cart, ledger, [block])).toBe(true);
    expect(ask(cart, cache, [block])).toBe(false);
  });
});
