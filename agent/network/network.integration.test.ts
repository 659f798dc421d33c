// The whole pod network on three machines (network namespaces on a bridge): the production loops, real nft and ip.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Service } from '../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import { createLan } from '../../test/support/lan.ts';
import type { Lan, LanProcess } from '../../test/support/lan.ts';
import { startNetworkNode } from '../../test/support/network-node.ts';
import type { NetworkNode } from '../../test/support/network-node.ts';
import { makeNode, makePod, makeService, makeSlice } from '../../test/support/network-objects.ts';
import { requires } from '../../test/support/requirements.ts';
import { until } from '../../test/support/until.ts';

interface TestPod {
  readonly name: string;
  readonly node: NetworkNode;
  readonly address: string;
  readonly pause: LanProcess;
}

requires('root', 'nft')('the pod network of three machines', () => {
  let lan: Lan;
  let nodes: NetworkNode[] = [];
  const pods: TestPod[] = [];
  const pod = (index: number): TestPod => pods[index] as TestPod;
  const nodeObjects = (): KubernetesObject[] =>
    nodes.map(({ machine }, index) => makeNode(machine.name, machine.address, `10.244.${index + 1}.0/24`));
  const tellAll = async (...objects: KubernetesObject[]): Promise<void> => {
    await Promise.all(nodes.map((node) => node.put(...objects)));
  };
  const startPod = async (name: string, node: NetworkNode): Promise<void> => {
    const pause = await node.machine.startPause();
    const { podIp } = await node.attach({ uid: `uid-${name}`, namespace: 'default', name }, pause.pid);
    pods.push({ name, node, address: podIp, pause });
  };
  /** What a client in a pod gets from an HTTP server: the server's name, or undefined. */
  const fetchFrom = (from: TestPod, url: string): string | undefined =>
    answerOf(from.node.machine.inPod(from.pause.pid, 'curl', '-s', '--max-time', '3', url));
  const fetchFromMachine = (node: NetworkNode, url: string): string | undefined =>
    answerOf(node.machine.try('curl', '-s', '--max-time', '3', url));
  const serve = (at: TestPod): void => {
    const script = `require('http').createServer((q,s)=>s.end('${at.name} '+q.socket.remoteAddress.replace('::ffff:',''))).listen(8080)`;
    at.node.machine.start('nsenter', ['-t', String(at.pause.pid), '-n', process.execPath, '-e', script]);
  };

  beforeAll(async () => {
    lan = createLan(3, ['10.244.0.0/16', '10.96.0.0/16']);
    nodes = lan.machines.map((machine) => startNetworkNode(machine));
    await tellAll(...nodeObjects());
    await Promise.all(nodes.map((node, index) => node.ensureNode(`10.244.${index + 1}.0/24`)));
    await Promise.all(nodes.map((node) => node.start()));
    for (const [name, at] of [
      ['a1', 0],
      ['a2', 0],
      ['b1', 1],
    ] as const)
      await startPod(name, nodes[at] as NetworkNode);
    for (const each of pods) serve(each);
    await until('every server', () => pods.every((each) => fetchFrom(each, `http://${each.address}:8080`)));
  });
  afterAll(() => {
    for (const node of nodes) node.kill();
    lan?.close();
  });

  it('gives every pod an address of its node', () => {
    expect(pods.map(({ address }) => address)).toEqual(['10.244.1.2', '10.244.1.3', '10.244.2.2']);
  });

  it('connects pods of one node and of two, with their own addresses', () => {
    expect(fetchFrom(pod(0), `http://${pod(1).address}:8080`)).toBe('a2 10.244.1.2');
    expect(fetchFrom(pod(0), `http://${pod(2).address}:8080`)).toBe('b1 10.244.1.2');
    expect(fetchFrom(pod(2), `http://${pod(0).address}:8080`)).toBe('a1 10.244.2.2');
  });

  it('connects machines to their own and other pods', () => {
    for (const node of nodes) expect(fetchFromMachine(node, `http://${pod(2).address}:8080`)).toMatch(/^b1 /);
  });

  const service = (name: string, index: number, spec: Partial<Service['spec']> = {}): Service =>
    makeService(name, { clusterIP: `10.96.1.${index}`, ports: [{ port: 80, protocol: 'TCP' }], ...spec });
  const endpoints = (name: string, ...of: TestPod[]): KubernetesObject =>
    makeSlice(
      name,
      [{ port: 8080 }],
      of.map((each) => ({ address: each.address, nodeName: each.node.machine.name })),
    );
  const ready = async (url: string): Promise<void> => {
    await until(`${url} on all machines`, () => nodes.every((node) => fetchFromMachine(node, url)), 10_000);
  };

  it('reaches a cluster IP from pods and machines, balanced over all endpoints', async () => {
    await tellAll(service('web', 1), endpoints('web', pod(0), pod(2)));
    await ready('http://10.96.1.1');
    const seen = new Set(Array.from({ length: 30 }, () => fetchFrom(pod(1), 'http://10.96.1.1')));
    expect([...seen].sort()).toEqual(['a1 10.244.1.3', 'b1 10.244.1.3']);
  });

  it('lets a pod reach itself through its Service', async () => {
    await tellAll(service('self', 2), endpoints('self', pod(0)));
    await ready('http://10.96.1.2');
    expect(fetchFrom(pod(0), 'http://10.96.1.2')).toBe('a1 10.244.1.1');
  });

  it('answers a node port on every machine, from machines and pods', async () => {
    await tellAll(
      service('port', 3, { type: 'NodePort', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] }),
      endpoints('port', pod(2)),
    );
    await ready('http://10.96.1.3');
    for (const { machine } of nodes) {
      const url = `http://${machine.address}:30080`;
      for (const node of nodes) expect(fetchFromMachine(node, url), `${node.machine.name} ${url}`).toMatch(/^b1 /);
      expect(fetchFrom(pod(0), url)).toMatch(/^b1 /);
    }
  });

  it('keeps the client address and stays on the node with external policy Local', async () => {
    const ports = [{ port: 80, nodePort: 30081, protocol: 'TCP' as const }];
    await tellAll(
      service('local', 4, { type: 'NodePort', externalTrafficPolicy: 'Local', ports }),
      endpoints('local', pod(0)),
    );
    await ready('http://10.96.1.4');
    const [first, second, third] = nodes as [NetworkNode, NetworkNode, NetworkNode];
    expect(fetchFromMachine(third, `http://${first.machine.address}:30081`)).toBe(`a1 ${third.machine.address}`);
    expect(fetchFromMachine(third, `http://${second.machine.address}:30081`)).toBeUndefined();
    // The machine's own traffic may leave it.
    expect(fetchFromMachine(second, `http://${second.machine.address}:30081`)).toMatch(/^a1 /);
  });

  it('tells balancers in front which machine has an endpoint, at the health-check port of every machine', async () => {
    const ports = [{ port: 80, nodePort: 30083, protocol: 'TCP' as const }];
    const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30990, ports } as const;
    await tellAll(service('fronted', 9, spec), endpoints('fronted', pod(0)));
    const [first, second, third] = nodes as [NetworkNode, NetworkNode, NetworkNode];
    const healthOf = ({ machine }: NetworkNode): string | undefined =>
      answerOf(third.machine.try('curl', '-s', '--max-time', '3', '-w', ' %{http_code}', `${machine.address}:30990`));
    const answers = (count: number, code: number): RegExp => new RegExp(`"localEndpoints":${count},.* ${code}$`);
    await until('the machine with an endpoint', () => answers(1, 200).test(healthOf(first) ?? ''), 10_000);
    expect(healthOf(second)).toMatch(answers(0, 503));
    await tellAll(endpoints('fronted', pod(2)));
    await until('the other to take over', () => answers(1, 200).test(healthOf(second) ?? ''), 10_000);
    expect(healthOf(first)).toMatch(answers(0, 503));
  });

  it('refuses connections to a Service without endpoints at once', async () => {
    const ports = [{ port: 80, nodePort: 30082, protocol: 'TCP' as const }];
    await tellAll(service('empty', 5, { type: 'NodePort', ports }));
    for (const url of ['http://10.96.1.5', 'http://10.96.77.7', `http://${nodes[1]?.machine.address}:30082`]) {
      const { status } = pod(0).node.machine.inPod(pod(0).pause.pid, 'curl', '-s', '--max-time', '3', url);
      expect(status, url).toBe(7); // refused, not timed out
    }
  });

  it('keeps a client with its endpoint while session affinity lasts, and picks another when that one leaves', async () => {
    await tellAll(
      service('sticky', 6, {
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
      }),
      endpoints('sticky', pod(0), pod(2)),
    );
    await ready('http://10.96.1.6');
    const answers = Array.from({ length: 15 }, () => fetchFrom(pod(1), 'http://10.96.1.6'));
    expect(new Set(answers).size).toBe(1);
    const stay = answers[0]?.startsWith('a1') ? pod(2) : pod(0);
    await tellAll(endpoints('sticky', stay));
    await until('the other endpoint', () => fetchFrom(pod(1), 'http://10.96.1.6')?.startsWith(stay.name), 5_000);
    await tellAll(endpoints('sticky', pod(0), pod(2)));
    const later = Array.from({ length: 15 }, () => fetchFrom(pod(1), 'http://10.96.1.6'));
    expect(new Set(later)).toEqual(new Set([`${stay.name} ${pod(1).address}`]));
  });

  it('answers at external addresses', async () => {
    await tellAll(service('outside', 7, { externalIPs: ['203.0.113.7'] }), endpoints('outside', pod(0)));
    await ready('http://10.96.1.7');
    expect(fetchFrom(pod(1), 'http://203.0.113.7')).toMatch(/^a1/);
  });

  it('admits only the sources a load balancer names', async () => {
    const [allowed, barred] = [nodes[1], nodes[2]] as [NetworkNode, NetworkNode];
    for (const { machine } of [allowed, barred]) {
      machine.run('ip', 'route', 'add', '203.0.113.8', 'via', nodes[0]?.machine.address ?? '');
    }
    const spec = { type: 'LoadBalancer' as const, loadBalancerSourceRanges: [`${allowed.machine.address}/32`] };
    const balanced = {
      ...service('balanced', 8, spec),
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.8' }] } },
    };
    // Only the first machine answers there, as if it alone announced the address.
    await nodes[0]?.put(balanced, endpoints('balanced', pod(0)));
    await until('the address', () => fetchFromMachine(allowed, 'http://203.0.113.8'), 5_000);
    expect(fetchFromMachine(barred, 'http://203.0.113.8')).toBeUndefined();
    const open: Service = { ...balanced, spec: { ...balanced.spec, loadBalancerSourceRanges: undefined } };
    await nodes[0]?.put(open);
    await until('everybody', () => fetchFromMachine(barred, 'http://203.0.113.8'), 5_000);
  });

  it('opens host ports of pods on their own machine only, also at its loopback address', async () => {
    const [first, second] = nodes as [NetworkNode, NetworkNode];
    const facts = { nodeName: first.machine.name, podIP: pod(0).address };
    const ports = [{ containerPort: 8080, hostPort: 9080 }];
    await tellAll(makePod('a1', 'default', { ...facts, ports }));
    const url = `http://${first.machine.address}:9080`;
    await until('the host port', () => fetchFromMachine(second, url) === `a1 ${second.machine.address}`, 5_000);
    expect(fetchFromMachine(first, url)).toMatch(/^a1/);
    expect(fetchFromMachine(first, 'http://127.0.0.1:9080')).toMatch(/^a1/);
    expect(fetchFrom(pod(0), url)).toMatch(/^a1/);
    expect(fetchFrom(pod(2), url)).toMatch(/^a1/);
    expect(fetchFromMachine(first, `http://${second.machine.address}:9080`)).toBeUndefined();
    await tellAll(makePod('a1', 'default', { ...facts, phase: 'Failed', ports }));
    await until('the port to close', () => fetchFromMachine(second, url) === undefined, 5_000);
    expect(first.machine.run('nft', 'list', 'tables')).not.toContain('host-ports');
  });

  it('masquerades only what leaves the cluster', () => {
    const outside = nodes[2]?.machine;
    outside?.run('ip', 'addr', 'add', '203.0.113.99/32', 'dev', 'lo');
    for (const node of nodes.slice(0, 1))
      node.machine.run('ip', 'route', 'add', '203.0.113.99', 'via', outside?.address ?? '');
    const script = "require('http').createServer((q,s)=>s.end(q.socket.remoteAddress)).listen(8081,'203.0.113.99')";
    outside?.start(process.execPath, ['-e', script]);
    return until(
      'the masqueraded address',
      () => fetchFrom(pod(0), 'http://203.0.113.99:8081') === nodes[0]?.machine.address,
      5_000,
    );
  });

  it('resolves Services from pods, and searches fail fast', async () => {
    const dig = (name: string, type = 'A'): string[] =>
      pod(0)
        .node.machine.inPod(pod(0).pause.pid, 'dig', '+short', '+timeout=2', '@10.96.0.10', name, type)
        .stdout.trim()
        .split('\n');
    await until('the DNS', () => dig('web.default.svc.cluster.local')[0] === '10.96.1.1', 10_000);
    expect(dig('web.default.svc.cluster.local', 'AAAA')).toEqual(['']);
    expect(dig('nothing.default.svc.cluster.local')).toEqual(['']);
  });

  it('repairs flushed rules', async () => {
    const first = nodes[0] as NetworkNode;
    first.machine.run('nft', 'flush', 'ruleset');
    expect(fetchFromMachine(first, 'http://10.96.1.1')).toBeUndefined();
    await until('the repair', () => fetchFromMachine(first, 'http://10.96.1.1'), 25_000);
  });

  it('goes on while the agent is away: pods, Services, and names by another machine’s DNS', async () => {
    const second = nodes[1] as NetworkNode;
    await until('the fallback', () => second.machine.run('nft', 'list', 'tables').includes('pilothouse-dns'), 5_000);
    second.kill();
    await until('the end of the agent', () => !second.machine.run('ss', '-lun').includes('10.96.0.10:53'), 5_000);
    expect(fetchFrom(pod(0), 'http://10.96.1.3')).toMatch(/^b1/);
    expect(fetchFrom(pod(2), 'http://10.96.1.2')).toMatch(/^a1/);
    for (const transport of ['+notcp', '+tcp']) {
      const args = ['+short', '+timeout=2', transport, '@10.96.0.10', 'web.default.svc.cluster.local'];
      expect(second.machine.inPod(pod(2).pause.pid, 'dig', ...args).stdout).toBe('10.96.1.1\n');
    }
  });
});

function answerOf(result: { status: number | null; stdout: string }): string | undefined {
  return result.status === 0 ? result.stdout : undefined;
}
