// Admission as clients meet it: what a create fills in or refuses because of other objects of the cluster.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  limitRanges,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  serviceAccounts,
  type Container,
  type Node,
  type PersistentVolumeClaim,
  type Pod,
} from '../../api/kinds/core/index.ts';
import { leases } from '../../api/kinds/coordination/index.ts';
import { runtimeClasses } from '../../api/kinds/node/index.ts';
import {
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  type PolicyRule,
  type Role,
  type RoleBinding,
} from '../../api/kinds/rbac/index.ts';
import { storageClasses } from '../../api/kinds/storage/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
  for (const space of ['default', 'limited']) {
    if (space !== 'default') await running.client.resource(namespaces).create({ metadata: { name: space }, spec: {} });
    await running.client.resource(serviceAccounts, space).create({ metadata: { name: 'default' } });
  }
});
afterAll(() => running.close());

const podOf = (name: string, spec: object = {}, resources: object = {}): Draft<Pod> => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', resources } as Container], ...spec },
});
const create = (name: string, spec: object = {}, resources: object = {}, space = 'default'): Promise<Pod> =>
  running.client.resource(pods, space).create(podOf(name, spec, resources));

describe('RuntimeClass', () => {
  beforeAll(async () => {
    await running.client.resource(runtimeClasses).create({
      metadata: { name: 'sandboxed' },
      handler: 'sandbox',
      overhead: { podFixed: { cpu: '250m', memory: '64Mi' } },
      scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
    });
  });

  it('gives its overhead and its way of scheduling to the pods that name it', async () => {
    const { spec } = await create('sandboxed', { runtimeClassName: 'sandboxed', nodeSelector: { disk: 'ssd' } });
    expect(spec.overhead).toEqual({ cpu: '250m', memory: '64Mi' });
    expect(spec.nodeSelector).toEqual({ disk: 'ssd', sandbox: 'yes' });
    expect(spec.tolerations).toContainEqual({ key: 'sandbox', operator: 'Exists' });
  });

  it.each([
    ['a class that does not exist', { runtimeClassName: 'none' }, 'RuntimeClass "none" not found'],
    ['another overhead', { runtimeClassName: 'sandboxed', overhead: { cpu: '1' } }, `Pod's Overhead doesn't match`],
    ['overhead without a class', { overhead: { cpu: '1' } }, 'Pod Overhead set without corresponding RuntimeClass'],
    [
      'another node label',
      { runtimeClassName: 'sandboxed', nodeSelector: { sandbox: 'no' } },
      'conflict: runtimeClass',
    ],
  ])('refuses %s', async (_title, spec, why) => {
    await expect(create('refused', spec)).rejects.toThrow(why);
  });
});

it('gives a pod the tolerations of lost nodes back that an update leaves out', async () => {
  const created = await create('tolerating');
  const mine = { key: 'mine', operator: 'Exists' as const };
  const spec = { ...created.spec, tolerations: [mine] };
  const updated = await running.client.resource(pods, 'default').update({ ...created, spec });
  expect(updated.spec.tolerations?.map(({ key }) => key)).toEqual([
    'mine',
    'node.kubernetes.io/not-ready',
    'node.kubernetes.io/unreachable',
  ]);
  expect(updated.metadata.generation).toBe(2);
});

describe('LimitRanger', () => {
  beforeAll(async () => {
    await running.client.resource(limitRanges, 'limited').create({
      metadata: { name: 'bounds' },
      spec: {
        limits: [
          {
            type: 'Container',
            default: { cpu: '500m' },
            defaultRequest: { cpu: '100m' },
            min: { cpu: '50m' },
            max: { cpu: '1' },
            maxLimitRequestRatio: { cpu: '6' },
          },
          { type: 'Pod', max: { cpu: '1500m' } },
          { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '10Gi' } },
        ],
      },
    });
  });

  it('fills in what a container leaves out, and nothing that it says', async () => {
    const filled = await create('filled', {}, {}, 'limited');
    expect(filled.spec.containers[0]?.resources).toEqual({ limits: { cpu: '500m' }, requests: { cpu: '100m' } });
    const said = await create('said', {}, { limits: { cpu: '400m' }, requests: { cpu: '200m' } }, 'limited');
    expect(said.spec.containers[0]?.resources).toEqual({ limits: { cpu: '400m' }, requests: { cpu: '200m' } });
  });

  it.each([
    [
      'too little',
      { requests: { cpu: '10m' }, limits: { cpu: '50m' } },
      'minimum cpu usage per Container is 50m, but request is 10m',
    ],
    [
      'too much',
      { requests: { cpu: '1' }, limits: { cpu: '2' } },
      'maximum cpu usage per Container is 1, but limit is 2',
    ],
    [
      'too wide a gap',
      { requests: { cpu: '100m' }, limits: { cpu: '900m' } },
      'cpu max limit to request ratio per Container is 6, but provided ratio is 9.000000',
    ],
  ])('refuses %s', async (_title, resources, why) => {
    await expect(create('refused', {}, resources, 'limited')).rejects.toThrow(why);
  });

  it('adds up the containers of a pod', async () => {
    const container = { image: 'i', resources: { requests: { cpu: '900m' }, limits: { cpu: '900m' } } };
    const containers = [
      { name: 'a', ...container },
      { name: 'b', ...container },
    ];
    await expect(create('sum', { containers }, {}, 'limited')).rejects.toThrow(
      'maximum cpu usage per Pod is 1500m, but limit is 1800m',
    );
  });

  it('bounds what volume claims ask for', async () => {
    const claim = (storage: string): Draft<PersistentVolumeClaim> => ({
      metadata: { name: `claim-${storage.toLowerCase()}` },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
    const claims = running.client.resource(persistentVolumeClaims, 'limited');
    await expect(claims.create(claim('20Gi'))).rejects.toThrow(
      'maximum storage usage per PersistentVolumeClaim is 10Gi',
    );
    await expect(claims.create(claim('2Gi'))).resolves.toBeDefined();
  });
});

describe('DefaultStorageClass', () => {
  const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const claimed = async (name: string, storageClassName?: string): Promise<string | undefined> => {
    const claims = running.client.resource(persistentVolumeClaims, 'default');
    const spec = {
      accessModes: ['ReadWriteOnce' as const],
      resources: { requests: { storage: '1Gi' } },
      storageClassName,
    };
    return (await claims.create({ metadata: { name }, spec })).spec?.storageClassName;
  };

  it('leaves claims alone while there is no default', async () => {
    expect(await claimed('early')).toBeUndefined();
  });

  it('gives the newest default to claims that name no class, and no class to those that want none', async () => {
    const classes = running.client.resource(storageClasses);
    await classes.create({ metadata: { name: 'older', annotations: isDefault }, provisioner: 'p' });
    await classes.create({ metadata: { name: 'plain' }, provisioner: 'p' });
    await expect.poll(() => claimed(`polled-${Math.random().toString(36).slice(2)}`)).toBe('older');
    expect(await claimed('named', 'plain')).toBe('plain');
    expect(await claimed('static', '')).toBe('');
  });
});

it('protects claims and volumes from their first moment', async () => {
  const claim = await running.client.resource(persistentVolumeClaims, 'default').create({
    metadata: { name: 'protected', finalizers: ['example.com/own'] },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  expect(claim.metadata.finalizers).toEqual(['example.com/own', 'kubernetes.io/pvc-protection']);
  const volume = await running.client.resource(persistentVolumes).create({
    metadata: { name: 'protected' },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/srv' } },
  });
  expect(volume.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
});

describe('NodeRestriction', () => {
  let kubelet: RestClient;
  beforeAll(async () => {
    kubelet = await running.clientOf('system:node:mine', ['system:nodes']);
    const taints = [{ key: 'k', effect: 'NoSchedule' as const }];
    await running.client.resource(nodes).create({ metadata: { name: 'other' }, spec: {} });
    await kubelet.resource(nodes).create({ metadata: { name: 'mine' }, spec: { taints } });
    await create('on-mine', { nodeName: 'mine' });
    await create('on-other', { nodeName: 'other' });
  });

  const label = (node: Node, labels: Record<string, string>): Node => ({
    ...node,
    metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...labels } },
  });

  it('lets a kubelet change its own node', async () => {
    const mine = await kubelet.resource(nodes).get('mine');
    const labelled = await kubelet.resource(nodes).update(label(mine, { 'example.com/rack': '7' }));
    expect(labelled.metadata.labels?.['example.com/rack']).toBe('7');
    await expect(kubelet.resource(nodes).updateStatus({ ...labelled, status: {} })).resolves.toBeDefined();
  });

  it('keeps it from other nodes, from protected labels, taints, and from deleting itself', async () => {
    const mine = await kubelet.resource(nodes).get('mine');
    const other = await running.client.resource(nodes).get('other');
    await expect(kubelet.resource(nodes).update(label(other, { a: 'b' }))).rejects.toThrow(
      'not allowed to modify node "other"',
    );
    const restricted = { 'node-restriction.kubernetes.io/tier': 'secure' };
    await expect(kubelet.resource(nodes).update(label(mine, restricted))).rejects.toThrow(
      'not allowed to modify labels',
    );
    await expect(kubelet.resource(nodes).update({ ...mine, spec: { ...mine.spec, taints: [] } })).rejects.toThrow(
      'taints',
    );
    await expect(kubelet.resource(nodes).delete('mine')).rejects.toThrow();
  });

  it('lets it write the status of its own pods alone, and delete them alone', async () => {
    const [own, foreign] = await Promise.all(
      ['on-mine', 'on-other'].map((name) => running.client.resource(pods, 'default').get(name)),
    );
    const reported = (pod: Pod | undefined): Pod => ({ ...(pod as Pod), status: { phase: 'Running' } });
    await expect(kubelet.resource(pods, 'default').updateStatus(reported(own))).resolves.toBeDefined();
    await expect(kubelet.resource(pods, 'default').updateStatus(reported(foreign))).rejects.toThrow('spec.nodeName');
    await expect(kubelet.resource(pods, 'default').delete('on-other')).rejects.toThrow('spec.nodeName');
    await expect(kubelet.resource(pods, 'default').create(podOf('plain', { nodeName: 'mine' }))).rejects.toThrow(
      'mirror',
    );
  });

  it('lets it renew its own lease alone', async () => {
    await running.client.resource(leases, 'kube-node-lease').create({ metadata: { name: 'other' }, spec: {} });
    await expect(
      kubelet.resource(leases, 'kube-node-lease').create({ metadata: { name: 'mine' }, spec: {} }),
    ).resolves.toBeDefined();
    const other = await running.client.resource(leases, 'kube-node-lease').get('other');
    await expect(kubelet.resource(leases, 'kube-node-lease').update(other)).rejects.toThrow('same name');
  });
});

describe('RBAC escalation', () => {
  const pod = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
  const secret = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };
  let limited: RestClient;
  beforeAll(async () => {
    const { client } = running;
    const manage = {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
      verbs: ['get', 'create', 'update'],
    };
    await client.resource(clusterRoles).create({ metadata: { name: 'role-writer' }, rules: [manage, pod] });
    const escalating = { ...manage, resources: ['roles'], resourceNames: ['raised'], verbs: ['escalate'] };
    await client.resource(clusterRoles).create({ metadata: { name: 'raiser' }, rules: [escalating] });
    const subjects = [{ kind: 'User', name: 'writer', apiGroup: 'rbac.authorization.k8s.io' }];
    for (const name of ['role-writer', 'raiser'])
      await client.resource(clusterRoleBindings).create({
        metadata: { name },
        subjects,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      });
    limited = await running.clientOf('writer');
  });
  const role = (name: string, rule: PolicyRule): Draft<Role> => ({ metadata: { name }, rules: [rule] });
  const bindingOf = (name: string, target: string): Draft<RoleBinding> => ({
    metadata: { name },
    subjects: [{ kind: 'User', name: 'writer', apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: target },
  });
  const theRoles = (): ReturnType<typeof limited.resource<Role>> => limited.resource(roles, 'default');

  it('lets nobody grant more than they have', async () => {
    await expect
      .poll(() =>
        theRoles()
          .create(role('pods-only', pod))
          .then(() => 'made', String),
      )
      .toBe('made');
    await expect(theRoles().create(role('secrets', secret))).rejects.toThrow(
      'attempting to grant RBAC permissions not currently held',
    );
  });

  it('lets those who may escalate', async () => {
    await expect(theRoles().create(role('raised', secret))).resolves.toBeDefined();
  });

  it('lets nobody bind a role that is more than they have', async () => {
    const bindings = limited.resource(roleBindings, 'default');
    await expect(bindings.create(bindingOf('mine', 'pods-only'))).resolves.toBeDefined();
    await expect(bindings.create(bindingOf('more', 'raised'))).rejects.toThrow(
      'attempting to grant RBAC permissions not currently held',
    );
  });
});

it('has no table of what stores nothing', async () => {
  const { status } = await running.raw('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    body: { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } },
    headers: { 'content-type': 'application/json', accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });
  expect(status).toBe(406);
});
