// What pods may count on from the agent, each as one pod on a real node: real Docker, control plane and network.
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configMaps, pods, secrets } from '../../agent/kubelet/resources.ts';
import { busyboxImage } from '../../agent/testing/docker-daemon.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import { startAgentNode } from '../support/agent-node.ts';
import type { AgentNode } from '../support/agent-node.ts';
import { hasPhase, isReady, shell, statusOf } from '../support/pods.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

requires('docker')('pods on a real node', { concurrent: true }, () => {
  let node: AgentNode;
  beforeAll(async () => {
    node = await startAgentNode();
  });
  afterAll(() => node?.close());

  const create = async (
    name: string,
    spec: Partial<Pod['spec']>,
    metadata: Partial<Pod['metadata']> = {},
  ): Promise<void> => {
    const draft = {
      metadata: { name, namespace: 'default', ...metadata },
      spec: { terminationGracePeriodSeconds: 1, restartPolicy: 'Never', containers: [], ...spec },
    };
    await node.client.resource(pods, 'default').create(draft as never);
  };
  const logsOf = async (name: string, container = 'app'): Promise<string> => {
    const path = `/api/v1/namespaces/default/pods/${name}/log`;
    return (await node.client.request({ method: 'GET', path, query: { container } })).text();
  };
  const exec = async (name: string, ...command: string[]): Promise<string> => {
    const pod = await node.client.resource(pods, 'default').get(name);
    const id = statusOf(pod)?.containerID?.replace('docker://', '') ?? '';
    const run = await node.docker.docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, Tty: true });
    return (await text(await run.start({ Tty: true, hijack: true }))).replaceAll('\r', '');
  };

  it('run to their end, with logs and last words', async () => {
    await create('ends', { containers: [shell('echo working; echo bye > /dev/termination-log; exit 3')] });
    const pod = await node.podWhen('ends', 'to fail', hasPhase('Failed'));
    expect(statusOf(pod)?.state?.terminated).toMatchObject({ exitCode: 3, reason: 'Error', message: 'bye\n' });
    expect(await logsOf('ends')).toBe('working\n');
    await create('succeeds', { containers: [shell('true')] });
    expect(
      statusOf(await node.podWhen('succeeds', 'to succeed', hasPhase('Succeeded')))?.state?.terminated?.reason,
    ).toBe('Completed');
  });

  it('fall back to their log for last words', async () => {
    await create('logwords', {
      containers: [shell('echo the reason; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' })],
    });
    const pod = await node.podWhen('logwords', 'to fail', hasPhase('Failed'));
    expect(statusOf(pod)?.state?.terminated?.message).toBe('the reason\n');
  });

  it('back off when they crash', async () => {
    await create('crashes', { restartPolicy: 'Always', containers: [shell('exit 1')] });
    const pod = await node.podWhen(
      'crashes',
      'to back off',
      (one) => statusOf(one)?.state?.waiting?.reason === 'CrashLoopBackOff',
    );
    expect(statusOf(pod)).toMatchObject({ restartCount: 1, ready: false, lastState: { terminated: { exitCode: 1 } } });
    expect(pod.status?.phase).toBe('Running');
  });

  it('say what is wrong with an image, a command or a missing object', async () => {
    await create('noimage', { containers: [shell('true', { image: 'localhost:1/nothing:1' })] });
    await create('never', { containers: [shell('true', { image: 'pilothouse/absent:1', imagePullPolicy: 'Never' })] });
    await create('nocommand', { containers: [{ name: 'app', image: busyboxImage, command: ['/absent'] }] });
    await create('noconfig', { containers: [shell('true', { envFrom: [{ configMapRef: { name: 'comes-late' } }] })] });
    await create('root', { containers: [shell('true', { securityContext: { runAsNonRoot: true } })] });
    const waits =
      (reason: RegExp) =>
      (pod: Pod): boolean =>
        reason.test(statusOf(pod)?.state?.waiting?.reason ?? '');
    const noImage = await node.podWhen('noimage', 'to complain', waits(/ErrImagePull|ImagePullBackOff/));
    expect(statusOf(noImage)?.state?.waiting?.message).toContain('localhost:1');
    await node.podWhen('never', 'to complain', waits(/ErrImageNeverPull/));
    const noCommand = await node.podWhen('nocommand', 'to fail', hasPhase('Failed'));
    expect(statusOf(noCommand)?.state?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
    expect(statusOf(noCommand)?.state?.terminated?.message).toContain('/absent');
    await node.podWhen('root', 'to complain', waits(/CreateContainerConfigError/));
    const noConfig = await node.podWhen('noconfig', 'to complain', waits(/CreateContainerConfigError/));
    expect(statusOf(noConfig)?.state?.waiting?.message).toContain('configmap "comes-late" not found');
    await node.client
      .resource(configMaps, 'default')
      .create({ metadata: { name: 'comes-late', namespace: 'default' }, data: { A: 'b' } });
    await node.podWhen('noconfig', 'to succeed once it is there', hasPhase('Succeeded'));
  });

  it('see changes of ConfigMaps and Secrets in their files, and of their own labels', async () => {
    await node.client
      .resource(configMaps, 'default')
      .create({ metadata: { name: 'live', namespace: 'default' }, data: { word: 'old' } });
    await node.client.resource(secrets, 'default').create({
      metadata: { name: 'hidden', namespace: 'default' },
      data: { pin: Buffer.from('1234').toString('base64') },
    });
    await create(
      'watches',
      {
        containers: [
          shell('sleep 1000', {
            env: [{ name: 'WORD', valueFrom: { configMapKeyRef: { name: 'live', key: 'word' } } }],
            volumeMounts: [
              { name: 'live', mountPath: '/live' },
              { name: 'hidden', mountPath: '/hidden' },
              { name: 'self', mountPath: '/self' },
            ],
          }),
        ],
        volumes: [
          { name: 'live', configMap: { name: 'live' } },
          { name: 'hidden', secret: { secretName: 'hidden', defaultMode: 0o400 } },
          { name: 'self', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
        ],
      },
      { labels: { colour: 'red' } },
    );
    await node.podWhen('watches', 'to be ready', isReady);
    expect(
      await exec(
        'watches',
        'sh',
        '-c',
        'cat /live/word /hidden/pin /self/labels; stat -L -c %a /hidden/pin; echo $WORD',
      ),
    ).toBe('old1234colour="red"400\nold\n');
    await node.client.resource(configMaps, 'default').patch('live', { type: 'merge', body: { data: { word: 'new' } } });
    await node.client
      .resource(pods, 'default')
      .patch('watches', { type: 'merge', body: { metadata: { labels: { colour: 'blue' } } } });
    await until(
      'the files to follow',
      async () => (await exec('watches', 'sh', '-c', 'cat /live/word /self/labels')) === 'newcolour="blue"',
    );
  });

  it('have their service account’s token, certificate and namespace', async () => {
    await create('account', {
      containers: [
        shell('cd /var/run/secrets/kubernetes.io/serviceaccount; cat namespace; head -1 ca.crt; cat token | head -c 3'),
      ],
    });
    await node.podWhen('account', 'to succeed', hasPhase('Succeeded'), 90_000);
    expect(await logsOf('account')).toBe('default-----BEGIN CERTIFICATE-----\neyJ');
  });

  it('know themselves and the Services by their environment', async () => {
    const env = [
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
      { name: 'BOTH', value: '$(POD_IP)-$(LIMIT)' },
    ];
    await create('knows', {
      containers: [
        shell(
          'echo $BOTH $KUBERNETES_SERVICE_HOST; hostname; grep $POD_IP /etc/hosts | cut -f2; grep nameserver /etc/resolv.conf',
          { env, resources: { limits: { memory: '64Mi' } } },
        ),
      ],
    });
    const pod = await node.podWhen('knows', 'to succeed', hasPhase('Succeeded'));
    expect((await logsOf('knows')).split('\n')).toEqual([
      `${pod.status?.podIP}-64 10.96.0.1`,
      'knows',
      'knows',
      'nameserver 10.96.0.10',
      '',
    ]);
  });

  it('run init containers in order, beside a sidecar, and share volumes', async () => {
    const volumeMounts = [{ name: 'work', mountPath: '/work' }];
    await create('inits', {
      initContainers: [
        shell('echo side >> /work/log; sleep 1000', { name: 'side', restartPolicy: 'Always', volumeMounts }),
        shell('echo one >> /work/log', { name: 'one', volumeMounts }),
        shell('echo two >> /work/log', { name: 'two', volumeMounts }),
      ],
      containers: [shell('cat /work/log', { volumeMounts })],
      volumes: [{ name: 'work', emptyDir: {} }],
    });
    const pod = await node.podWhen('inits', 'to succeed', hasPhase('Succeeded'));
    expect(await logsOf('inits')).toBe('side\none\ntwo\n');
    expect(pod.status?.conditions?.find(({ type }) => type === 'Initialized')?.status).toBe('True');
  });

  it('are restarted by a failing liveness probe, and ready by a readiness probe', async () => {
    await create('probed', {
      restartPolicy: 'Always',
      containers: [
        shell(
          'touch /tmp/live; sleep 3; touch /tmp/ready; sleep 4; [ -e /keep/once ] || { touch /keep/once; rm /tmp/live; }; sleep 1000',
          {
            livenessProbe: { exec: { command: ['cat', '/tmp/live'] }, periodSeconds: 1, failureThreshold: 2 },
            readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 1 },
            volumeMounts: [{ name: 'keep', mountPath: '/keep' }],
          },
        ),
      ],
      volumes: [{ name: 'keep', emptyDir: {} }],
    });
    await node.podWhen('probed', 'to run and not be ready', (pod) => statusOf(pod)?.started === true && !isReady(pod));
    await node.podWhen('probed', 'to be ready', isReady);
    await node.podWhen('probed', 'to be restarted', (pod) => statusOf(pod)?.restartCount === 1);
    await node.podWhen('probed', 'to be ready again', isReady);
  });

  it('wait for their startup probe, and answer probes by HTTP and TCP', async () => {
    await create('serves', {
      containers: [
        shell('sleep 2; mkdir /tmp/www; echo ok > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www', {
          ports: [{ name: 'web', containerPort: 8080 }],
          startupProbe: { tcpSocket: { port: 'web' }, periodSeconds: 1, failureThreshold: 30 },
          livenessProbe: { httpGet: { path: '/index.html', port: 'web' }, periodSeconds: 1 },
          readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
        }),
      ],
    });
    await node.podWhen(
      'serves',
      'to have not started',
      (pod) => statusOf(pod)?.state?.running !== undefined && statusOf(pod)?.started === false,
    );
    const pod = await node.podWhen('serves', 'to be ready', isReady);
    expect(statusOf(pod)?.restartCount).toBe(0);
  });

  it('run their hooks, and have their grace', async () => {
    await create('hooked', {
      terminationGracePeriodSeconds: 10,
      containers: [
        shell('trap "echo term >> /host/log; exit 0" TERM; while true; do sleep 0.1; done', {
          lifecycle: {
            postStart: { exec: { command: ['sh', '-c', 'echo start >> /host/log'] } },
            preStop: { exec: { command: ['sh', '-c', 'echo stop >> /host/log'] } },
          },
          volumeMounts: [{ name: 'host', mountPath: '/host' }],
        }),
      ],
      volumes: [{ name: 'host', hostPath: { path: `${node.folder}/hooked`, type: 'DirectoryOrCreate' } }],
    });
    await node.podWhen('hooked', 'to be ready', isReady);
    await node.client.resource(pods, 'default').delete('hooked');
    await until('it to be gone', async () => {
      const left = await node.client.resource(pods, 'default').list({ fieldSelector: 'metadata.name=hooked' });
      return left.items.length === 0;
    });
    expect(node.machine.run('cat', `${node.folder}/hooked/log`)).toBe('start\nstop\nterm\n');
  });

  it('end at once when the grace is taken away from them', async () => {
    await create('stubborn', {
      terminationGracePeriodSeconds: 600,
      containers: [shell('trap "" TERM; while true; do sleep 1; done')],
    });
    await node.podWhen('stubborn', 'to be ready', isReady);
    await node.client.resource(pods, 'default').delete('stubborn');
    await node.podWhen('stubborn', 'to be ending', (pod) => pod.metadata.deletionTimestamp !== undefined);
    await node.client.resource(pods, 'default').delete('stubborn', { gracePeriodSeconds: 1 });
    await until(
      'it to be gone',
      async () =>
        (await node.client.resource(pods, 'default').list({ fieldSelector: 'metadata.name=stubborn' })).items.length ===
        0,
      20_000,
    );
  });

  it('are ended when they run longer than they may', async () => {
    await create('overdue', { activeDeadlineSeconds: 2, containers: [shell('sleep 1000')] });
    const pod = await node.podWhen('overdue', 'to fail', hasPhase('Failed'));
    expect(pod.status?.reason).toBe('DeadlineExceeded');
  });

  it('say when they used too much memory', async () => {
    await create('hungry', {
      containers: [shell('x=a; while true; do x=$x$x; done', { resources: { limits: { memory: '16Mi' } } })],
    });
    const pod = await node.podWhen('hungry', 'to fail', hasPhase('Failed'));
    expect(statusOf(pod)?.state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  it('use the machine’s network when they ask for it', async () => {
    await create('hostly', { hostNetwork: true, containers: [shell('ip addr show eth0 | grep "inet "; sleep 1000')] });
    const pod = await node.podWhen('hostly', 'to be ready', isReady);
    expect(pod.status?.podIP).toBe(pod.status?.hostIP);
  });

  it('mount parts of volumes, by name and by expression, and never outside', async () => {
    const path = `${node.folder}/planted`;
    node.machine.run('mkdir', '-p', `${path}/inner`);
    node.machine.run('ln', '-s', '/etc', `${path}/escape`);
    const volumes = [{ name: 'planted', hostPath: { path } }];
    const env = [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
    await create('parts', {
      containers: [
        shell('touch /by-name/a /by-expr/b', {
          env,
          volumeMounts: [
            { name: 'planted', mountPath: '/by-name', subPath: 'inner' },
            { name: 'planted', mountPath: '/by-expr', subPathExpr: 'of/$(NAME)' },
          ],
        }),
      ],
      volumes,
    });
    await node.podWhen('parts', 'to succeed', hasPhase('Succeeded'));
    expect(node.machine.run('find', path, '-type', 'f').trim().split('\n').sort()).toEqual([
      `${path}/inner/a`,
      `${path}/of/parts/b`,
    ]);
    await create('escapes', {
      containers: [
        shell('cat /out/passwd', { volumeMounts: [{ name: 'planted', mountPath: '/out', subPath: 'escape' }] }),
      ],
      volumes,
    });
    const pod = await node.podWhen(
      'escapes',
      'to be refused',
      (one) => statusOf(one)?.state?.waiting?.reason === 'CreateContainerConfigError',
    );
    expect(statusOf(pod)?.state?.waiting?.message).toContain('leads out of the volume');
  });

  it('own their volumes by group, in memory too', async () => {
    await create('grouped', {
      securityContext: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000 },
      containers: [
        shell('touch /mem/x && stat -c %g /mem/x; grep -c "/mem tmpfs" /proc/mounts; id -G', {
          volumeMounts: [{ name: 'mem', mountPath: '/mem' }],
        }),
      ],
      volumes: [{ name: 'mem', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
    });
    await node.podWhen('grouped', 'to succeed', hasPhase('Succeeded'));
    expect(await logsOf('grouped')).toBe('2000\n1\n3000 2000\n');
  });

  it('take an ephemeral container that sees their processes', async () => {
    await create('debugged', { containers: [shell('sleep 4321')] });
    await node.podWhen('debugged', 'to be ready', isReady);
    const ephemeralContainers = [
      {
        name: 'debug',
        image: busyboxImage,
        command: ['sh', '-c', 'ps | grep -v grep | grep -c "sleep 4321"; sleep 1000'],
        targetContainerName: 'app',
      },
    ];
    await node.client
      .resource(pods, 'default')
      .patch(
        'debugged',
        { type: 'strategic', body: { spec: { ephemeralContainers } } },
        { subresource: 'ephemeralcontainers' },
      );
    await node.podWhen('debugged', 'to have it run', (pod) => statusOf(pod, 'debug')?.state?.running !== undefined);
    await until('it to look', async () => (await logsOf('debugged', 'debug')) === '1\n');
  });

  it('are given more, or less, while they run', async () => {
    const resources = { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '100m', memory: '64Mi' } };
    await create('resized', { containers: [shell('sleep 1000', { resources })] });
    const before = await node.podWhen('resized', 'to be ready', isReady);
    const next = { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '200m', memory: '96Mi' } };
    await node.client
      .resource(pods, 'default')
      .patch(
        'resized',
        { type: 'strategic', body: { spec: { containers: [{ name: 'app', resources: next }] } } },
        { subresource: 'resize' },
      );
    const id = statusOf(before)?.containerID?.replace('docker://', '') ?? '';
    await until(
      'the limit to change',
      async () => (await node.docker.docker.getContainer(id).inspect()).HostConfig.Memory === 96 * 1024 * 1024,
    );
    expect(statusOf(await node.client.resource(pods, 'default').get('resized'))?.containerID).toBe(`docker://${id}`);
  });

  it('share processes when they ask for it', async () => {
    await create('sharing', {
      shareProcessNamespace: true,
      containers: [shell('sleep 2; ps | grep -c "[s]leep 777"'), shell('sleep 777', { name: 'other' })],
    });
    await node.podWhen('sharing', 'one to end', (pod) => statusOf(pod)?.state?.terminated !== undefined);
    expect(await logsOf('sharing')).toBe('1\n');
  });
});
