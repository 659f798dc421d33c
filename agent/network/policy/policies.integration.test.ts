// NetworkPolicy on two machines (network namespaces), judged by what connections succeed.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { createLan } from '../../../test/support/lan.ts';
import type { Lan, LanProcess } from '../../../test/support/lan.ts';
import { startNetworkNode } from '../../../test/support/network-node.ts';
import type { NetworkNode } from '../../../test/support/network-node.ts';
import { makeNamespace, makeNode, makePod, makePolicy } from '../../../test/support/network-objects.ts';
import { requires } from '../../../test/support/requirements.ts';
import { until } from '../../../test/support/until.ts';

interface TestPod {
  readonly name: string;
  readonly node: NetworkNode;
  readonly address: string;
  readonly pause: LanProcess;
}

requires('root', 'nft')('network policies', () => {
  let lan: Lan;
  let nodes: NetworkNode[] = [];
  const pods = new Map<string, TestPod>();
  const tellAll = async (...objects: KubernetesObject[]): Promise<void> => {
    await Promise.all(nodes.map((node) => node.put(...objects)));
  };
  const startPod = async (name: string, namespace: string, node: NetworkNode, labels: Record<string, string>) => {
    const pause = await node.machine.startPause();
    const { podIp } = await node.attach({ uid: `uid-${name}`, namespace, name }, pause.pid);
    for (const port of [8080, 8081]) {
      const script = `require('http').createServer((q,s)=>s.end('${name}')).listen(${port})`;
      node.machine.start('nsenter', ['-t', String(pause.pid), '-n', process.execPath, '-e', script]);
    }
    pods.set(name, { name, node, address: podIp, pause });
    const ports = [{ name: 'web', containerPort: 8080 }];
    await tellAll(makePod(name, namespace, { nodeName: node.machine.name, podIP: podIp, labels, ports }));
  };
  /** Whether a connection from one pod to another's port succeeds. */
  const reaches = (from: string, to: string, port = 8080): boolean => {
    const [client, server] = [pods.get(from), pods.get(to)];
    if (client === undefined || server === undefined) throw new Error('no such pod');
    const url = `http://${server.address}:${port}`;
    const { status } = client.node.machine.inPod(client.pause.pid, 'curl', '-s', '--max-time', '0.5', url);
    return status === 0;
  };
  const apply = async (...policies: KubernetesObject[]): Promise<void> => {
    await tellAll(...policies);
    const wanted = policies.length > 0;
    await until('the rules', () =>
      nodes.every(({ machine }) => machine.run('nft', 'list', 'ruleset').includes('pilothouse-policies') === wanted),
    );
  };

  beforeAll(async () => {
    lan = createLan(2, ['10.244.0.0/16', '10.96.0.0/16']);
    nodes = lan.machines.map((machine) => startNetworkNode(machine, { parts: 'routes,policies' }));
    await tellAll(
      ...nodes.map(({ machine }, index) => makeNode(machine.name, machine.address, `10.244.${index + 1}.0/24`)),
      makeNamespace('shop', { team: 'shop' }),
      makeNamespace('other', { team: 'other' }),
    );
    await Promise.all(nodes.map((node, index) => node.ensureNode(`10.244.${index + 1}.0/24`)));
    await Promise.all(nodes.map((node) => node.start()));
    const [first, second] = nodes as [NetworkNode, NetworkNode];
    await startPod('server', 'shop', first, { app: 'server' });
    await startPod('near', 'shop', first, { app: 'client' });
    await startPod('far', 'shop', second, { app: 'client' });
    await startPod('stranger', 'other', second, { app: 'client' });
    for (const each of ['near', 'far', 'stranger'])
      await until(each, () => reaches(each, 'server') && reaches('near', each));
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.remove('NetworkPolicy', 'shop/policy')));
    await until('open again', () => reaches('stranger', 'server') && reaches('server', 'stranger', 8081));
  });
  afterAll(() => {
    for (const node of nodes) node.kill();
    lan?.close();
  });
  const server = { matchLabels: { app: 'server' } };

  it('denies everything to a pod that is isolated without a rule, but not to its own node or itself', async () => {
    await apply(makePolicy('policy', 'shop', { podSelector: server, policyTypes: ['Ingress'] }));
    expect(['near', 'far', 'stranger'].map((from) => reaches(from, 'server'))).toEqual([false, false, false]);
    expect(reaches('server', 'far')).toBe(true);
    expect(reaches('server', 'server')).toBe(true);
    const own = pods.get('server');
    expect(own?.node.machine.try('curl', '-s', '--max-time', '1', `http://${own.address}:8080`).status).toBe(0);
  });

  it('lets the pods of a selector in, here and on other machines, and follows their labels', async () => {
    const ingress = [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }];
    await apply(makePolicy('policy', 'shop', { podSelector: server, policyTypes: ['Ingress'], ingress }));
    expect(['near', 'far', 'stranger'].map((from) => reaches(from, 'server'))).toEqual([true, true, false]);
    const far = pods.get('far');
    const where = { nodeName: far?.node.machine.name ?? '', podIP: far?.address ?? '' };
    await tellAll(makePod('far', 'shop', { ...where, labels: { app: 'changed' } }));
    await until('the label to count', () => !reaches('far', 'server'));
    await tellAll(makePod('far', 'shop', { ...where, labels: { app: 'client' } }));
    await until('the label to count', () => reaches('far', 'server'));
  });

  it('selects namespaces, numbered and named ports', async () => {
    const ingress = [
      {
        from: [{ namespaceSelector: { matchLabels: { team: 'other' } } }],
        ports: [{ protocol: 'TCP' as const, port: 'web' }],
      },
      { from: [{ podSelector: {} }], ports: [{ protocol: 'TCP' as const, port: 8081, endPort: 8089 }] },
    ];
    await apply(makePolicy('policy', 'shop', { podSelector: server, policyTypes: ['Ingress'], ingress }));
    expect([reaches('stranger', 'server', 8080), reaches('stranger', 'server', 8081)]).toEqual([true, false]);
    expect([reaches('near', 'server', 8080), reaches('near', 'server', 8081)]).toEqual([false, true]);
  });

  it('limits egress to blocks with exceptions', async () => {
    const except = [`${pods.get('stranger')?.address}/32`];
    const egress = [{ to: [{ ipBlock: { cidr: '10.244.2.0/24', except } }] }];
    await apply(makePolicy('policy', 'shop', { podSelector: server, policyTypes: ['Egress'], egress }));
    expect(['near', 'far', 'stranger'].map((to) => reaches('server', to))).toEqual([false, true, false]);
    expect(reaches('near', 'server')).toBe(true);
  });

  it('repairs rules that were flushed', async () => {
    await apply(makePolicy('policy', 'shop', { podSelector: server, policyTypes: ['Ingress'] }));
    nodes[0]?.machine.run('nft', 'delete', 'table', 'ip', 'pilothouse-policies');
    await until('the repair', () => !reaches('near', 'server'), 20_000);
  });
});
