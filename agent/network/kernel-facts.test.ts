import { describe, expect, it } from 'vitest';
import { listsLocalAddress, parseRoutes } from './kernel-facts.ts';

const routes = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0102A8C0	0003	0	0	0	00000000	0	0	0
ph0	0001F40A	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth0	0002F40A	0202A8C0	0003	0	0	0	00FFFFFF	0	0	0
ph-dns	0000600A	00000000	0001	0	0	0	0000FFFF	0	0	0
`;
const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.96.0.0
        /16 link UNICAST
Local:
  +-- 10.96.0.0/16 2 0 2
     |-- 10.96.0.10
        /32 host LOCAL
     |-- 10.96.0.11
        /32 link BROADCAST
`;

describe('the kernel’s routes', () => {
  it('are read with their ranges and gateways', () => {
    expect(parseRoutes(routes)).toEqual([
      { dev: 'eth0', destination: '0.0.0.0/0', gateway: '192.168.2.1' },
      { dev: 'ph0', destination: '10.244.1.0/24' },
      { dev: 'eth0', destination: '10.244.2.0/24', gateway: '192.168.2.2' },
      { dev: 'ph-dns', destination: '10.96.0.0/16' },
    ]);
  });

  it('tell the machine’s own addresses from others', () => {
    const own = ['10.96.0.10', '10.96.0.1', '10.96.0.0', '10.96.0.11'].filter((each) => listsLocalAddress(trie, each));
    expect(own).toEqual(['10.96.0.10']);
  });
});
