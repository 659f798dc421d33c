// Two machines announce a load balancer's address to a third, which belongs to no cluster.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Node } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { createLan } from '../../../test/support/lan.ts';
import type { Lan, LanMachine } from '../../../test/support/lan.ts';
import { startNetworkNode } from '../../../test/support/network-node.ts';
import type { NetworkNode } from '../../../test/support/network-node.ts';
import { makeNode, makeService, makeSlice } from '../../../test/support/network-objects.ts';
import { requires } from '../../../test/support/requirements.ts';
import { until } from '../../../test/support/until.ts';

requires('root', 'nft')('load balancer addresses', () => {
  const balancerIp = '198.18.0.200';
  let lan: Lan;
  let nodes: NetworkNode[] = [];
  let client: LanMachine;
  const tellAll = async (...objects: KubernetesObject[]): Promise<void> => {
    await Promise.all(nodes.map((node) => node.put(...objects)));
  };
  const nodeObject = (index: number, ready: boolean): Node => {
    const { name, address } = (nodes[index] as NetworkNode).machine;
    const object = makeNode(name, address, `10.244.${index + 1}.0/24`);
    return {
      ...object,
      status: { ...object.status, conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
    };
  };
  const holders = (): number[] =>
    nodes.flatMap(({ machine }, index) =>
      machine.run('ip', '-4', 'addr').includes(`${balancerIp}/32`) ? [index] : [],
    );
  const answer = (): string => client.try('curl', '-s', '--max-time', '2', `http://${balancerIp}`).stdout;
  const neighbour = (): string => client.run('ip', 'neigh', 'show', balancerIp);
  const macOf = (index: number): string =>
    nodes[index]?.machine.run('cat', '/sys/class/net/eth0/address').trim() ?? 'no such machine';

  beforeAll(async () => {
    lan = createLan(3, ['10.244.0.0/16', '10.96.0.0/16']);
    const [first, second, third] = lan.machines as [LanMachine, LanMachine, LanMachine];
    client = third;
    nodes = [first, second].map((machine) => startNetworkNode(machine, { parts: 'proxy,announcer' }));
    await tellAll(nodeObject(0, true), nodeObject(1, true));
    await Promise.all(nodes.map((node, index) => node.ensureNode(`10.244.${index + 1}.0/24`)));
    await Promise.all(nodes.map((node) => node.start()));
    const service = makeService('web', {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.7',
      ports: [{ port: 80, protocol: 'TCP' }],
    });
    const script = `require('http').createServer((q,s)=>s.end('web')).listen(8080,'${first.address}')`;
    first.start(process.execPath, ['-e', script]);
    const ingress = [{ ip: balancerIp }];
    await tellAll(
      { ...service, status: { loadBalancer: { ingress } } } as KubernetesObject,
      makeSlice('web', [{ port: 8080 }], [{ address: first.address, nodeName: first.name }]),
    );
    await until('one holder', () => holders().length === 1, 10_000);
  });
  afterAll(() => {
    for (const node of nodes) node.kill();
    lan?.close();
  });

  it('are held by one machine and answer to anybody on the segment', async () => {
    await until('an answer', () => answer() === 'web', 5_000);
    expect(neighbour()).toContain(macOf(holders()[0] ?? -1));
  });

  it('offer nothing of the machine itself', () => {
    const holder = nodes[holders()[0] ?? 0]?.machine;
    holder?.start(process.execPath, ['-e', "require('http').createServer((q,s)=>s.end('own')).listen(9999)"]);
    expect(client.try('curl', '-s', '--max-time', '2', `http://${balancerIp}:9999`).status).toBe(7);
  });

  it('move to another machine when the holder is lost, and neighbours know at once', async () => {
    const [lost = 0] = holders();
    await tellAll(nodeObject(lost, false));
    await until('the other holder', () => holders().join() === String(1 - lost), 10_000);
    await until('the neighbour to know', () => neighbour().includes(macOf(1 - lost)), 2_000);
    expect(answer()).toBe('web');
  });

  it('are given back with the Service', async () => {
    await Promise.all(nodes.map((node) => node.remove('Service', 'default/web')));
    await until('no holder', () => holders().length === 0, 10_000);
  });
});
