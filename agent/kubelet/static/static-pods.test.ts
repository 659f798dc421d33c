import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { isStatic } from '../admission/plan-admission.ts';
import { readManifests } from './read-manifests.ts';
import { mirrorOf, mirroredUid } from './static-pod.ts';

const manifest = (image: string): string => `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: kube-system, labels: { app: web } }
spec:
  hostNetwork: true
  containers: [{ name: app, image: '${image}' }]
`;

describe('a folder of manifests', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-manifests-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const read = () => readManifests(folder, 'Node-1');

  it('gives pods of this node, with the API’s defaults', async () => {
    await writeFile(join(folder, 'web.yaml'), manifest('app:1'));
    const [{ pod } = {}] = await read();
    expect(pod?.metadata).toMatchObject({ name: 'web-node-1', namespace: 'kube-system', labels: { app: 'web' } });
    expect(pod?.spec).toMatchObject({
      nodeName: 'Node-1',
      restartPolicy: 'Always',
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
      containers: [{ image: 'app:1', imagePullPolicy: 'IfNotPresent' }],
    });
    expect(pod !== undefined && isStatic(pod)).toBe(true);
  });

  it('gives a pod the same uid until its file changes', async () => {
    const path = join(folder, 'web.yaml');
    await writeFile(path, manifest('app:1'));
    const uid = async () => (await read())[0]?.pod?.metadata.uid;
    const first = await uid();
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(await uid()).toBe(first);
    await writeFile(path, manifest('app:2'));
    expect(await uid()).not.toBe(first);
  });

  it('says what is wrong with a file, and reads the others', async () => {
    await writeFile(join(folder, 'a.yaml'), 'kind: ConfigMap\napiVersion: v1\n');
    await writeFile(join(folder, 'b.yaml'), manifest('app:1').replace('containers', 'nothing'));
    await writeFile(join(folder, 'c.json'), '{ broken');
    await writeFile(join(folder, 'd.yaml'), manifest('app:1'));
    await writeFile(join(folder, '.hidden.yaml'), manifest('app:1'));
    const manifests = await read();
    expect(manifests.map(({ problem }) => problem)).toEqual([
      'it is not a v1 Pod',
      expect.stringMatching(/spec\.containers/) as string,
      expect.any(String) as string,
      undefined,
    ]);
  });

  it('is empty when there is none', async () => {
    expect(await readManifests(join(folder, 'none'), 'n')).toEqual([]);
  });

  it('shows in the API as pictures that belong to the node', async () => {
    await writeFile(join(folder, 'web.yaml'), manifest('app:1'));
    const [{ pod } = {}] = await read();
    if (pod === undefined) throw new Error('no pod');
    const mirror = mirrorOf(pod, { name: 'Node-1', uid: 'n' });
    expect(mirroredUid(mirror as Pod)).toBe(pod.metadata.uid);
    expect(mirror.metadata).toMatchObject({
      name: 'web-node-1',
      ownerReferences: [{ kind: 'Node', controller: true }],
    });
    expect(mirror.metadata.uid).toBeUndefined();
  });
});
