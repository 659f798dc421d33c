// The table of the service proxy: a fixed set of maps and base chains; Services are elements.
import { createNftTable } from '../nftables/table.ts';
import type { NftTable } from '../nftables/table.ts';
import { dispatchRules, firewallRules, masqueradeMark, refuseRules, translateRules } from './chains.ts';

const address = 'ipv4_addr . inet_proto . inet_service';
const nodePort = 'inet_proto . inet_service';

/** Clients with affinity remembered at a time; beyond it new clients are balanced without being remembered. */
const rememberedClients = 262_144;

/** An empty service table; `serviceCidr` is where addresses without a Service are refused. */
export function createServicesTable(serviceCidr: string): NftTable {
  const refuse = 'jump check';
  const table = createNftTable({
    name: 'pilothouse-services',
    sets: {
      services: { kind: 'map', spec: `type ${address} : verdict;` },
      'node-ports': { kind: 'map', spec: `type ${nodePort} : verdict;` },
      endpoints: { kind: 'map', spec: `type ${address} . mark : ipv4_addr . inet_service;` },
      'node-endpoints': { kind: 'map', spec: `type ${nodePort} . mark : ipv4_addr . inet_service;` },
      slots: { kind: 'map', spec: `type ${address} . mark : mark;` },
      'node-slots': { kind: 'map', spec: `type ${nodePort} . mark : mark;` },
      affinity: {
        kind: 'map',
        spec: `type ipv4_addr . ${address} : mark; flags dynamic,timeout; size ${rememberedClients};`,
        live: true,
      },
      hairpin: { kind: 'set', spec: 'type ipv4_addr . ipv4_addr;' },
      refused: { kind: 'set', spec: `type ${address};` },
      'refused-node-ports': { kind: 'set', spec: `type ${nodePort};` },
      balanced: { kind: 'set', spec: 'type ipv4_addr;' },
      firewalled: { kind: 'set', spec: `type ${address};` },
      'allowed-sources': { kind: 'set', spec: `type ${address} . ipv4_addr; flags interval;` },
      'service-ranges': { kind: 'set', spec: 'type ipv4_addr; flags interval;' },
    },
    chains: {
      translate: { rules: translateRules.translate },
      'node-translate': { rules: translateRules['node-translate'] },
      refuse: { rules: ['meta l4proto tcp reject with tcp reset', 'reject'] },
      dispatch: { rules: dispatchRules },
      check: { rules: refuseRules },
      firewall: { hook: 'type filter hook prerouting priority dstnat - 10;', rules: firewallRules },
      prerouting: { hook: 'type nat hook prerouting priority dstnat;', rules: ['jump dispatch'] },
      output: { hook: 'type nat hook output priority -100;', rules: ['jump dispatch'] },
      'unmark-prerouting': unmark('prerouting'),
      'unmark-output': unmark('output'),
      'check-input': { hook: 'type filter hook input priority filter;', rules: [refuse] },
      'check-forward': { hook: 'type filter hook forward priority filter;', rules: [refuse] },
      'check-output': { hook: 'type filter hook output priority filter;', rules: [refuse] },
      postrouting: {
        hook: 'type nat hook postrouting priority srcnat;',
        rules: [
          `ct mark & ${masqueradeMark} == ${masqueradeMark} masquerade`,
          'ct status dnat ip saddr . ip daddr @hairpin masquerade',
        ],
      },
    },
  });
  table.put('service-ranges', serviceCidr);
  return table;
}

/** Takes our marks off again, so that foreign `ip rule`s by mark never see them. */
function unmark(hook: 'prerouting' | 'output'): { hook: string; rules: string[] } {
  return {
    hook: `type filter hook ${hook} priority -99;`,
    rules: ['meta mark 0x50000000-0x6fffffff meta mark set 0'],
  };
}
