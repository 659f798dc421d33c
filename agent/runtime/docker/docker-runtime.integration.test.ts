import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLogger } from '../../../machinery/logger.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { requires } from '../../../test/support/requirements.ts';
import { busyboxImage, startDockerDaemon } from '../../testing/docker-daemon.ts';
import type { DockerDaemon } from '../../testing/docker-daemon.ts';
import type { ContainerConfig, ContainerRuntime } from '../container-runtime.ts';
import { containerRuntimeSuite } from '../container-runtime-suite.ts';
import { createDockerRuntime } from './docker-runtime.ts';

requires('docker')('the Docker runtime', () => {
  let daemon: DockerDaemon;
  let runtime: ContainerRuntime;
  beforeAll(async () => {
    daemon = await startDockerDaemon();
    runtime = createDockerRuntime({ socketPath: daemon.socketPath, logger: silentLogger });
  });
  afterAll(async () => {
    await runtime?.close();
    await daemon?.close();
  });

  containerRuntimeSuite({ runtime: () => runtime, image: busyboxImage });

  const sandbox = async (podUid: string): Promise<string> => {
    const identity = { podUid, podName: 'pod', podNamespace: 'default', containerName: '', attempt: 0 };
    const flags = { hostNetwork: false, hostPid: false, hostIpc: false, shareProcesses: false };
    const id = await runtime.createSandbox({ ...identity, ...flags, hostname: 'named', sysctls: {}, annotations: {} });
    await runtime.start(id);
    return id;
  };
  const run = async (differs: Partial<ContainerConfig>): Promise<string> => {
    const podUid = differs.podUid ?? randomUUID();
    const security: ContainerConfig['security'] = {
      supplementalGroups: [],
      privileged: false,
      readOnlyRootFilesystem: false,
      noNewPrivileges: true,
      addCapabilities: [],
      dropCapabilities: [],
      seccomp: 'default',
      unmaskedProc: false,
      ...differs.security,
    };
    const config: ContainerConfig = {
      ...{ podUid, podName: 'pod', podNamespace: 'default', containerName: 'app', attempt: 0 },
      ...{
        sandboxId: await sandbox(podUid),
        image: busyboxImage,
        environment: [],
        mounts: [],
        devices: [],
        resources: {},
      },
      ...{
        stdin: false,
        stdinOnce: false,
        tty: false,
        hostPid: false,
        hostIpc: false,
        hostNetwork: false,
        shareProcesses: false,
      },
      ...{ log: { maxBytes: 1024 * 1024, maxFiles: 2 }, annotations: {} },
      ...differs,
      security,
    };
    const id = await runtime.createContainer(config);
    await runtime.start(id);
    return id;
  };
  const output = async (id: string): Promise<string> => {
    await waitFor(async () => (await runtime.observe(id))?.state === 'exited', { timeoutMs: 20_000 });
    return text(await runtime.logs(id, { follow: false, timestamps: false }));
  };

  it('applies user, groups, capabilities, environment, folder, mounts and a read-only root', async () => {
    const shared = join(daemon.folder, 'shared');
    await mkdir(shared);
    await writeFile(join(shared, 'file'), 'from outside');
    const script =
      'id; env | grep GREETING; pwd; cat /in/file; touch /in/x || echo in-ro; touch /x || echo root-ro; grep CapEff /proc/self/status; hostname';
    const id = await run({
      command: ['sh', '-c', script],
      environment: ['GREETING=hi there'],
      workingDir: '/tmp',
      mounts: [{ source: shared, target: '/in', readOnly: true }],
      security: {
        user: '1000:3000',
        supplementalGroups: [4000],
        privileged: false,
        readOnlyRootFilesystem: true,
        noNewPrivileges: true,
        addCapabilities: [],
        dropCapabilities: ['ALL'],
        seccomp: 'default',
        unmaskedProc: false,
      },
    });
    const lines = (await output(id))
      .replaceAll(/(touch|sh):.*\n/g, '')
      .trim()
      .split('\n');
    expect(lines[0]).toMatch(/uid=1000.*gid=3000.*4000/);
    expect(lines.slice(1)).toEqual([
      'GREETING=hi there',
      '/tmp',
      'from outsidein-ro',
      'root-ro',
      'CapEff:\t0000000000000000',
      'named',
    ]);
  });

  it('kills what uses more memory than it may, and says so', async () => {
    const id = await run({
      command: ['sh', '-c', 'x=a; while true; do x=$x$x; done'],
      resources: { memoryBytes: 16 * 1024 * 1024 },
    });
    await output(id);
    expect(await runtime.observe(id)).toMatchObject({ exitCode: 137, oomKilled: true });
  });

  it('holds a fork bomb under its limit', async () => {
    const id = await run({
      command: ['sh', '-c', 'for i in $(seq 50); do sleep 5 & done; echo made'],
      resources: { pidsLimit: 10 },
    });
    expect(await output(id)).toMatch(/fork|resource/i);
  });

  it('says why a command cannot be run', async () => {
    const id = randomUUID();
    await expect(run({ command: ['/no/such/program'], podUid: id })).rejects.toThrow(/no such file|not found/);
    const [failed] = (await runtime.list()).filter((one) => one.kind === 'container' && one.error !== undefined);
    expect(failed).toMatchObject({ state: 'exited', exitCode: 128 });
  });

  it('keeps input, both outputs and the exit code of a command apart', async () => {
    const id = await run({ command: ['sleep', '100'] });
    const command = ['sh', '-c', 'cat; echo wrong >&2; exit 3'];
    const session = await runtime.exec(id, { command, stdin: true, stdout: true, stderr: true, tty: false });
    session.stdin.end('given\n');
    const [stdout, stderr, code] = await Promise.all([text(session.stdout), text(session.stderr), session.exitCode]);
    expect([stdout, stderr, code]).toEqual(['given\n', 'wrong\n', 3]);
  });

  it('passes a megabyte through a command and loses nothing', async () => {
    const id = await run({ command: ['sleep', '100'] });
    const session = await runtime.exec(id, { command: ['cat'], stdin: true, stdout: true, stderr: true, tty: false });
    const sent = 'abcdefgh'.repeat(128 * 1024);
    session.stdin.end(sent);
    expect((await text(session.stdout)).length).toBe(sent.length);
  });

  it('follows a log to its end, with times and only the tail when asked', async () => {
    const id = await run({ command: ['sh', '-c', 'echo one; echo two; sleep 1; echo three'] });
    expect(await text(await runtime.logs(id, { follow: true, timestamps: false }))).toBe('one\ntwo\nthree\n');
    const tail = await text(await runtime.logs(id, { follow: false, timestamps: true, tailLines: 1 }));
    expect(tail).toMatch(/^\d{4}-\d\d-\d\dT\S+Z three\n$/);
  });

  it('reaches a port inside the pod from outside', async () => {
    const podUid = randomUUID();
    const id = await run({ podUid, command: ['sh', '-c', 'nc -l -p 7000 -e cat'] });
    const sandboxId = (await runtime.list()).find((one) => one.kind === 'sandbox' && one.podUid === podUid)?.id ?? '';
    const pid = (await runtime.observe(id))?.pid ?? 0;
    expect(pid).toBeGreaterThan(0);
    // A pod without network has its loopback down; that is the pod network's work, here done by hand.
    const up = await runtime.exec(id, { command: ['true'], stdin: false, stdout: true, stderr: true, tty: false });
    await up.exitCode;
    const { execFileSync } = await import('node:child_process');
    execFileSync('nsenter', ['-t', String(pid), '-n', 'ip', 'link', 'set', 'lo', 'up']);
    const answer = await waitFor(
      async () => {
        const connection = await runtime.dial(sandboxId, 7000);
        connection.end('ping');
        return text(connection);
      },
      { timeoutMs: 10_000 },
    );
    expect(answer).toBe('ping');
  });

  it('goes on hearing events after the Engine was killed and came back', async () => {
    const id = await run({ command: ['sleep', '100'] });
    const before = (await runtime.observe(id))?.pid;
    const changed = new Promise<void>(
      (resolve) => void runtime.onDidChange(({ containerId }) => containerId === undefined && resolve()),
    );
    await daemon.kill('SIGKILL');
    await daemon.start();
    await changed;
    expect(await runtime.observe(id)).toMatchObject({ state: 'running', pid: before });
  });
});
