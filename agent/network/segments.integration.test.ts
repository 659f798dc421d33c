// Two machines on different segments with a router between: the overlay. And what an agent does when it comes back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import { createLan } from '../../test/support/lan.ts';
import type { Lan, LanProcess } from '../../test/support/lan.ts';
import { startNetworkNode } from '../../test/support/network-node.ts';
import type { NetworkNode } from '../../test/support/network-node.ts';
import { makeNode, makeService, makeSlice } from '../../test/support/network-objects.ts';
import { requires } from '../../test/support/requirements.ts';
import { until } from '../../test/support/until.ts';

requires('root', 'nft')('machines on two segments', () => {
  let lan: Lan;
  let nodes: [NetworkNode, NetworkNode];
  let dataDir: string;
  const pauses: LanProcess[] = [];
  const objects = (): KubernetesObject[] => [
    ...nodes.map(({ machine }, index) => makeNode(machine.name, machine.address, `10.244.${index + 1}.0/24`)),
    makeService('echo', { clusterIP: '10.96.2.1', ports: [{ port: 7, protocol: 'UDP' }] }),
  ];
  const endpoints = (...addresses: string[]): KubernetesObject =>
    makeSlice(
      'echo',
      [{ port: 7007, protocol: 'UDP' }],
      addresses.map((address) => ({ address, nodeName: 'elsewhere' })),
    );
  const inPod = (index: number, program: string, ...args: string[]): { status: number | null; stdout: string } => {
    const node = nodes[index === 2 ? 1 : 0];
    return node.machine.inPod(pauses[index]?.pid ?? 0, program, ...args);
  };
  const reaches = (from: number, address: string): boolean => inPod(from, 'ping', '-c1', '-W1', address).status === 0;
  /** Asks the echo Service from the pod's port 4000, so that all questions are one flow; answers who replied. */
  const askEcho = (from: number): string => inPod(from, process.execPath, '-e', echoClient).stdout.trim();

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'pilothouse-network-'));
    lan = createLan(2, ['10.96.0.0/16'], 2);
    nodes = lan.machines.map((machine, index) =>
      startNetworkNode(machine, { parts: 'routes,proxy', ...(index === 0 ? { dataDir } : {}) }),
    ) as [NetworkNode, NetworkNode];
    for (const [index, node] of nodes.entries()) {
      await node.put(...objects());
      await node.ensureNode(`10.244.${index + 1}.0/24`);
      await node.start();
    }
    for (const [name, at] of [
      ['a', 0],
      ['b', 0],
      ['c', 1],
    ] as const) {
      const pause = await nodes[at].machine.startPause();
      await nodes[at].attach({ uid: name, namespace: 'default', name }, pause.pid);
      pauses.push(pause);
      nodes[at].machine.start('nsenter', ['-t', String(pause.pid), '-n', process.execPath, '-e', echoServer(name)]);
    }
  });
  afterAll(() => {
    for (const node of nodes) node.kill();
    lan?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('connects pods through the overlay, also with packets larger than its MTU', async () => {
    await until('the overlay', () => reaches(0, '10.244.2.2') && reaches(2, '10.244.1.2'), 10_000);
    expect(inPod(0, 'ping', '-c1', '-W2', '-s', '1472', '10.244.2.2').status).toBe(0);
    expect(nodes[0].machine.run('ip', 'route', 'show', 'proto', '112')).toMatch(
      /10\.244\.2\.0\/24 via 10\.244\.2\.0 dev ph-vxlan onlink/,
    );
  });

  it('lets nothing out that is meant for a pod which does not exist', () => {
    expect(nodes[0].machine.try('ping', '-c1', '-W1', '10.244.77.7').stderr).toContain('No route to host');
  });

  it('connects machines to pods on other segments', () => {
    expect(nodes[0].machine.try('ping', '-c1', '-W1', '10.244.2.2').status).toBe(0);
  });

  it('moves a living UDP flow off an endpoint that left, and onto a Service that was empty', async () => {
    expect(askEcho(0)).toBe('');
    await nodes[0].put(endpoints('10.244.1.3'));
    await until('the first endpoint', () => askEcho(0) === 'b');
    await nodes[0].put(endpoints('10.244.2.2'));
    await until('the second endpoint', () => askEcho(0) === 'c');
  });

  it('finds every pod again after it was killed, without breaking any, and frees only what is gone', async () => {
    const [first] = nodes;
    first.kill();
    const ping = first.machine.start('nsenter', [
      '-t',
      String(pauses[0]?.pid),
      '-n',
      'ping',
      '-i',
      '0.05',
      '-c',
      '60',
      '-q',
      '10.244.2.2',
    ]);
    const exit = new Promise((resolve) => ping.child.once('exit', resolve));
    const again = startNetworkNode(first.machine, { parts: 'routes,proxy', dataDir });
    nodes = [again, nodes[1]];
    await again.put(...objects(), endpoints('10.244.2.2'));
    await again.adopt([{ podUid: 'a', podIp: '10.244.1.2' }]);
    await again.ensureNode('10.244.1.0/24');
    await again.start();
    const { podIp } = await again.attach({ uid: 'a', namespace: 'default', name: 'a' }, pauses[0]?.pid ?? 0);
    expect(podIp).toBe('10.244.1.2');
    expect(await exit).toBe(0);
    expect(first.machine.run('ip', '-o', 'link').match(/phv/g)).toHaveLength(1);
    const fresh = await first.machine.startPause();
    expect((await again.attach({ uid: 'd', namespace: 'default', name: 'd' }, fresh.pid)).podIp).toBe('10.244.1.4');
  });

  it('repairs what somebody removes: bridge address, pod routes, service link, overlay', async () => {
    const { machine } = nodes[0];
    machine.run('ip', 'addr', 'del', '10.244.1.1/24', 'dev', 'ph0');
    machine.run('ip', 'link', 'del', 'ph-dns');
    machine.run('ip', 'link', 'del', 'ph-vxlan');
    expect(reaches(0, '10.244.2.2')).toBe(false);
    await nodes[0].ensureNode('10.244.1.0/24');
    await until('the repair', () => reaches(0, '10.244.2.2') && askEcho(0) === 'c', 45_000);
  });
});

const echoClient = `
  const s = require('dgram').createSocket('udp4');
  s.bind(4000, () => s.send('?', 7, '10.96.2.1'));
  s.on('message', (m) => { process.stdout.write(m); s.close(); });
  setTimeout(() => process.exit(), 400);`;

function echoServer(name: string): string {
  return `const s = require('dgram').createSocket('udp4'); s.on('message', (m, r) => s.send('${name}', r.port, r.address)); s.bind(7007)`;
}
