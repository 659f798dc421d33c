// kubectl's own streams to a pod on a real node, in each of the protocols that it speaks.
import type { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pods } from '../../agent/kubelet/resources.ts';
import { busyboxImage } from '../../agent/testing/docker-daemon.ts';
import { startAgentNode } from '../support/agent-node.ts';
import type { AgentNode } from '../support/agent-node.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

requires('docker', 'kubectl')('kubectl and a pod', () => {
  let node: AgentNode;
  beforeAll(async () => {
    node = await startAgentNode();
    const script =
      'mkdir -p /www; echo served > /www/index.html; httpd -p 127.0.0.1:8080 -h /www; echo begun; while true; do sleep 1; done';
    const container = { name: 'app', image: busyboxImage, command: ['sh', '-c', script] };
    const draft = {
      metadata: { name: 'web', namespace: 'default' },
      spec: { terminationGracePeriodSeconds: 0, containers: [container] },
    };
    await node.client.resource(pods, 'default').create(draft as never);
    await node.podWhen('web', 'to run', ({ status }) => status?.phase === 'Running');
  });
  afterAll(() => node?.close());

  const kubectl = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { child } = node.machine.start('kubectl', ['--kubeconfig', `${node.folder}/kubeconfig`, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    return child as ReturnType<typeof spawn> & { stdin: NonNullable<unknown> };
  };
  const run = async (
    args: readonly string[],
    input: string,
    env: NodeJS.ProcessEnv,
  ): Promise<{ stdout: string; stderr: string; code: number }> => {
    const child = kubectl(args, env);
    child.stdin?.end(input);
    const ended = once(child, 'exit');
    const [stdout, stderr] = await Promise.all([text(child.stdout as never), text(child.stderr as never)]);
    const [code] = (await ended) as [number];
    return { stdout, stderr, code };
  };

  it.each([
    ['WebSocket', 'true'],
    ['SPDY', 'false'],
  ])('exec by %s keeps input, outputs and exit code', async (_protocol, websockets) => {
    const env = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: websockets };
    const result = await run(['exec', '-i', 'web', '--', 'sh', '-c', 'cat; echo wrong >&2; exit 5'], 'given\n', env);
    expect(result.stdout).toBe('given\n');
    expect(result.stderr).toContain('wrong');
    expect(result.code).toBe(5);
  });

  it.each([
    ['WebSocket', 'true'],
    ['SPDY', 'false'],
  ])('port-forward by %s reaches a port that listens only inside', async (_protocol, websockets) => {
    const child = kubectl(['port-forward', 'pod/web', ':8080'], { KUBECTL_PORT_FORWARD_WEBSOCKETS: websockets });
    let said = '';
    child.stdout?.on('data', (data: Buffer) => (said += data.toString()));
    const port = await until('the forwarded port', () => /127\.0\.0\.1:(\d+) ->/.exec(said)?.[1]);
    for (let request = 0; request < 2; request++) {
      const { stdout } = node.machine.try('busybox', 'wget', '-q', '-O', '-', `http://127.0.0.1:${port}/`);
      expect(stdout).toBe('served\n');
    }
    child.kill('SIGTERM');
  });

  it('follows a log', async () => {
    const child = kubectl(['logs', '-f', 'web']);
    const first = (await once(child.stdout as never, 'data')) as [Buffer];
    expect(first[0].toString()).toBe('begun\n');
    child.kill('SIGTERM');
  });
});
