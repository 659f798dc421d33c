import { expect, test } from 'vitest';
import { createClusterSpec } from '../cluster-file.ts';
import type { MachineFacts } from '../contract.ts';
import { commandsOf, wantedRules } from './firewall.ts';

const spec = createClusterSpec({ name: 'c', machines: [{ name: 'm', address: '10.0.0.1', role: 'both' }] });
const [machine] = spec.machines;
const rules = (firewalls: string[]): string[] => {
  if (machine === undefined) throw new Error('no machine');
  return wantedRules({ spec, machine, facts: { firewalls } as unknown as MachineFacts });
};

test('a machine without a firewall gets no rules; a master opens its own ports', () => {
  expect(rules([])).toEqual([]);
  expect(rules(['ufw'])).toEqual(expect.arrayContaining(['ufw:port 6443/tcp', 'ufw:from 10.244.0.0/16']));
});

test('ports of etcd stay closed where etcd is not on the masters', () => {
  const external = { endpoints: ['https://10.0.0.9:2379'], caFile: '/ca', certFile: '/c', keyFile: '/k' };
  const elsewhere = { ...spec, settings: { ...spec.settings, etcd: { external } } };
  if (machine === undefined) throw new Error('no machine');
  const facts = { firewalls: ['ufw'] } as unknown as MachineFacts;
  const opened = wantedRules({ spec: elsewhere, machine, facts });
  expect(opened).toContain('ufw:port 6443/tcp');
  expect(opened).not.toContain('ufw:port 2379-2380/tcp');
  expect(rules(['ufw'])).toContain('ufw:port 2379-2380/tcp');
});

test('ufw and firewalld are asked in their own words', () => {
  expect(commandsOf('ufw:port 2379-2380/tcp')).toEqual({
    test: `ufw show added | grep -qxF 'ufw allow 2379:2380/tcp'`,
    add: 'ufw allow 2379:2380/tcp >/dev/null',
    remove: 'ufw delete allow 2379:2380/tcp >/dev/null 2>&1 || true',
  });
  expect(commandsOf('firewalld:from 10.244.0.0/16').add).toBe(
    'firewall-cmd -q --zone=trusted --add-source=10.244.0.0/16 && firewall-cmd -q --permanent --zone=trusted --add-source=10.244.0.0/16',
  );
});
