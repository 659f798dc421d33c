// Images from a registry that wants a password: who may pull, what is told, and which image a pod gets.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pods, secrets } from '../../agent/kubelet/resources.ts';
import { busyboxImage } from '../../agent/testing/docker-daemon.ts';
import { events, serviceAccounts } from '../../api/kinds/core/index.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import { startAgentNode } from '../support/agent-node.ts';
import type { AgentNode } from '../support/agent-node.ts';
import { hasPhase, shell, statusOf } from '../support/pods.ts';
import { registryPassword, registryUser, startRegistry } from '../support/registry.ts';
import type { TestRegistry } from '../support/registry.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

requires('docker', 'registry')('images from a registry', { concurrent: true }, () => {
  let node: AgentNode;
  let registry: TestRegistry;
  let web: { reference: string; digest: string; id: string };
  beforeAll(async () => {
    [node, registry] = await Promise.all([startAgentNode(), startRegistry()]);
    web = await registry.push(node.docker.docker, busyboxImage, 'team/web:1');
    await addSecret('login', { [registry.host]: registryPassword });
    await addSecret('stale', { [`${registry.host}/team`]: 'no longer right', [registry.host]: registryPassword });
    await addSecret('elsewhere', { 'registry.example:5000': registryPassword, [`${registry.host}/others`]: 'x' });
  });
  afterAll(async () => {
    await node?.close();
    await registry?.close();
  });

  const addSecret = (name: string, passwords: Record<string, string>): Promise<unknown> => {
    const auths = Object.fromEntries(
      Object.entries(passwords).map(([address, password]) => [
        address,
        { auth: Buffer.from(`${registryUser}:${password}`).toString('base64') },
      ]),
    );
    return node.client.resource(secrets, 'default').create({
      metadata: { name, namespace: 'default' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
    });
  };
  const create = (name: string, image: string, spec: Partial<Pod['spec']> = {}): Promise<unknown> =>
    node.client.resource(pods, 'default').create({
      metadata: { name, namespace: 'default' },
      spec: {
        restartPolicy: 'Never',
        containers: [shell('true', { image, imagePullPolicy: 'Always' })],
        imagePullSecrets: [{ name: 'login' }],
        ...spec,
      },
    } as never);
  const told = (name: string, words: RegExp): Promise<unknown> =>
    until(`an event of ${name} that says ${words}`, async () => {
      const { items } = await node.client.resource(events, 'default').list();
      return items.some(({ involvedObject, message }) => involvedObject.name === name && words.test(message ?? ''));
    });
  const refused = (name: string): Promise<Pod> =>
    node.podWhen(name, 'to be refused', (pod) =>
      /^(ErrImagePull|ImagePullBackOff)$/.test(statusOf(pod)?.state?.waiting?.reason ?? ''),
    );
  const succeeds = (name: string): Promise<Pod> => node.podWhen(name, 'to succeed', hasPhase('Succeeded'));

  it('come with the password of a pull secret, and it is told how long that took', async () => {
    await create('allowed', web.reference);
    const pod = await succeeds('allowed');
    expect(statusOf(pod)?.imageID).toBe(web.id);
    await told('allowed', /^Pulling image "127\.0\.0\.1:/);
    await told(
      'allowed',
      /^Successfully pulled image ".*" in \S+m?s \(\S+m?s including waiting\)\. Image size: \d+ bytes\.$/,
    );
  });

  it.each([
    ['none', []],
    ['one for another registry, and for another path of this one', [{ name: 'elsewhere' }]],
    ['one that does not exist', [{ name: 'missing' }]],
  ])('do not come with %s, and what the registry said is told', async (title, imagePullSecrets) => {
    const name = `refused-${title.replaceAll(/[^a-z]+/g, '-')}`;
    await create(name, web.reference, { imagePullSecrets });
    const pod = await refused(name);
    expect(statusOf(pod)?.state?.waiting?.message).toMatch(/no basic auth credentials|unauthorized/);
    await told(name, /^Failed to pull image .*(no basic auth credentials|unauthorized)/);
    await told(name, /^Back-off pulling image/);
  });

  it('come by the next password where the one for the narrower address is refused', async () => {
    await create('second', web.reference, { imagePullSecrets: [{ name: 'stale' }] });
    await succeeds('second');
  });

  it('come with the secrets of the pod’s account', async () => {
    const api = node.client.resource(serviceAccounts, 'default');
    await api.create({ metadata: { name: 'robot', namespace: 'default' }, imagePullSecrets: [{ name: 'login' }] });
    await create('of-account', web.reference, { imagePullSecrets: undefined, serviceAccountName: 'robot' });
    await succeeds('of-account');
  });

  it('are exactly the pinned ones by digest, and no others', async () => {
    const repository = web.reference.slice(0, web.reference.lastIndexOf(':'));
    await create('pinned', `${repository}@${web.digest}`);
    expect(statusOf(await succeeds('pinned'))?.imageID).toBe(web.id);
    await create('unknown', `${repository}@sha256:${'0'.repeat(64)}`);
    const pod = await refused('unknown');
    expect(statusOf(pod)?.state?.waiting?.message).toMatch(/not found|manifest unknown/);
  });

  it('are looked up again for Always when their tag has moved, and not for IfNotPresent', async () => {
    const { docker } = node.docker;
    const first = await registry.push(docker, busyboxImage, 'team/moving:1');
    await create('before', first.reference);
    await succeeds('before');
    const container = await docker.createContainer({ Image: busyboxImage, Cmd: ['true'] });
    await container.commit({ repo: 'pilothouse/changed', tag: 'test', changes: 'LABEL changed=yes' });
    await container.remove();
    const second = await registry.push(docker, 'pilothouse/changed:test', 'team/moving:1');
    expect(second.id).not.toBe(first.id);
    // Pushing took the name away: on this machine it is the former image's.
    await docker.getImage(first.id).tag({ repo: first.reference.slice(0, first.reference.lastIndexOf(':')), tag: '1' });
    const present = [shell('true', { image: first.reference, imagePullPolicy: 'IfNotPresent' })];
    await create('present', first.reference, { containers: present });
    expect(statusOf(await succeeds('present'))?.imageID).toBe(first.id);
    await create('always', first.reference);
    expect(statusOf(await succeeds('always'))?.imageID).toBe(second.id);
  });
});
