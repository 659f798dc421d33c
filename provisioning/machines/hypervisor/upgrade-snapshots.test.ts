// The libvirt adapter's own scripts run here, against a `virsh` and a `qemu-img` that keep a record of how they are called and
// do to the files what the real ones do.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClusterSpec } from '../../cluster-file.ts';
import { clusterPaths } from '../../paths.ts';
import { createStages } from '../../run/stages.ts';
import { createLocalTransport } from '../../transport/local.ts';
import type { Hypervisor, HypervisorSpec } from './contract.ts';
import { createLibvirt } from './libvirt.ts';
import { dropAll, rememberMachinesFile, snapshotBeforeUpgrade, takeAll, upgradeLabel } from './upgrade-snapshots.ts';

const virsh = `#!/bin/bash
echo "virsh $*" >> "$RECORD"
[ "$1" = -q ] && shift
domain=$2; name=\${domain#pilothouse-demo-}
case "$1" in
  domuuid) [ -e "$DISKS/$name.xml" ] && sed -n 's/.*<uuid>\\(.*\\)<.uuid>.*/\\1/p' "$DISKS/$name.xml";;
  domstate) echo running;;
  snapshot-create-as)
    [ "$name" != "$BROKEN" ] || { echo "error: disk vda is busy" >&2; exit 1; }
    for word; do case "$word" in vda,file=*) : > "\${word#vda,file=}";; esac; done;;
  blockcommit|define) ;;
  *) echo "unexpected: $*" >&2; exit 9;;
esac
`;

let folder: string;
const files = (): string[] => readdirSync(join(folder, 'demo')).sort();
const record = (): string[] =>
  readFileSync(join(folder, 'record'), 'utf8')
    .split('\n')
    .filter((line) => /snapshot-create-as|blockcommit/.test(line))
    .map((line) => line.replaceAll(folder, ''));
const hypervisor = (broken = ''): Hypervisor => {
  const { PATH } = process.env;
  const transport = createLocalTransport('hypervisor', {
    ...{ PATH: `${join(folder, 'bin')}:${PATH}`, RECORD: join(folder, 'record'), DISKS: join(folder, 'demo') },
    BROKEN: broken,
  });
  return createLibvirt(transport, { folder, uri: 'test:///default' } as HypervisorSpec, { cluster: 'demo' });
};
const stages = createStages(undefined, 'vm');
const label = upgradeLabel('0.2.0+4f/2');
const taking = (stage: 'begins' | 'goesOn' | 'over', names = ['m1', 'm2', 'w1', 'metal']) => ({
  ...{ names, label, stage, file: '/site/machines.yaml' },
});
const overlays = (): string[] => files().filter((name) => name.includes('.since-'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-virsh-'));
  for (const name of ['bin', 'demo']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'bin/virsh'), virsh, { mode: 0o755 });
  writeFileSync(join(folder, 'record'), '');
  ['m1', 'm2', 'w1'].forEach((name, index) => {
    writeFileSync(join(folder, 'demo', `${name}.xml`), `<domain><uuid>0000-${index}</uuid></domain>`);
    writeFileSync(join(folder, 'demo', `${name}.qcow2`), '');
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('every machine of the cluster that is virtual is kept, and let go again', async () => {
  expect(label).toBe('before-0.2.0-4f-2');
  const before = files();
  expect(await takeAll(hypervisor(), stages, taking('begins'))).toEqual(['m1', 'm2', 'w1']);
  expect(overlays()).toEqual(['m1', 'm2', 'w1'].map((name) => `${name}.since-${label}.qcow2`));
  expect(record()).toEqual(
    ['m1', 'm2', 'w1'].map(
      (name) =>
        `virsh -q snapshot-create-as pilothouse-demo-${name} ${label} --disk-only --atomic --no-metadata --diskspec vda,file=/demo/${name}.since-${label}.qcow2 --diskspec vdb,snapshot=no`,
    ),
  );
  await dropAll(hypervisor(), stages, ['m1', 'm2', 'w1'], label);
  expect(files()).toEqual(before);
  expect(record().slice(3)).toEqual(
    ['m1', 'm2', 'w1'].map(
      (name) => `virsh -q blockcommit pilothouse-demo-${name} vda --shallow --active --pivot --wait`,
    ),
  );
});

test('an upgrade that goes on keeps what was kept when it began; one that begins anew keeps what is now', async () => {
  await takeAll(hypervisor(), stages, taking('begins', ['m1', 'm2']));
  expect(await takeAll(hypervisor(), stages, taking('goesOn'))).toEqual(['m1', 'm2', 'w1']);
  expect(record()).toHaveLength(3);
  expect(await takeAll(hypervisor(), stages, taking('begins'))).toEqual(['m1', 'm2', 'w1']);
  expect(
    record()
      .slice(3)
      .map((line) => line.split(' ')[2]),
  ).toEqual([
    ...['blockcommit', 'blockcommit', 'blockcommit'],
    ...['snapshot-create-as', 'snapshot-create-as', 'snapshot-create-as'],
  ]);
  expect(await takeAll(hypervisor(), stages, taking('over'))).toEqual(['m1', 'm2', 'w1']);
  expect(record()).toHaveLength(9);
});

test('when one cannot be kept none is, and nothing was changed', async () => {
  const before = files();
  await expect(takeAll(hypervisor('w1'), stages, taking('begins'))).rejects.toMatchObject({
    reason: 'VmSnapshot',
    message: expect.stringContaining('disk vda is busy'),
  });
  expect(files()).toEqual(before);
});

test("a snapshot of somebody else's is in the way, and is left there", async () => {
  await hypervisor().snapshot('m2', 'mine');
  const error: unknown = await takeAll(hypervisor(), stages, taking('begins')).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ reason: 'VmSnapshot', text: { en: expect.stringContaining('m2: mine') } });
  expect(error).toMatchObject({
    remedy: { 'zh-CN': expect.stringContaining('drop-snapshot mine m2 -f /site/machines.yaml') },
  });
  expect(overlays()).toEqual(['m2.since-mine.qcow2']);
});

test('a cluster whose machines were not made here has nothing to keep; one whose file is gone says so', async () => {
  const spec = createClusterSpec({ name: 'demo', machines: [{ name: 'm1', address: '192.0.2.1', role: 'both' }] });
  const when = { version: '1', stage: 'begins' } as const;
  expect(await snapshotBeforeUpgrade(spec, when, { home: folder })).toBeUndefined();
  await rememberMachinesFile('demo', join(folder, 'machines.yaml'), folder);
  expect(readFileSync(clusterPaths('demo', folder).machinesFile, 'utf8')).toContain('machines.yaml');
  const gone = snapshotBeforeUpgrade(spec, when, { home: folder });
  await expect(gone).rejects.toMatchObject({ reason: 'VmSnapshot', message: expect.stringContaining('ENOENT') });
  expect(await snapshotBeforeUpgrade(spec, when, { home: folder, snapshots: 'none' })).toBeUndefined();
});

test("the file of another cluster's machines is refused before its hypervisor is asked", async () => {
  const spec = createClusterSpec({ name: 'demo', machines: [{ name: 'm1', address: '192.0.2.1', role: 'both' }] });
  const file = join(folder, 'machines.yaml');
  const machines = [{ name: 'm1', role: 'both', address: '10.9.0.11/24' }];
  writeFileSync(
    file,
    JSON.stringify({
      cluster: 'other',
      hypervisor: { address: '127.0.0.1', port: 1, keyPath: 'id' },
      image: { disk: { path: '/image' } },
      login: { publicKey: 'ssh-ed25519 AAAA' },
      machines,
    }),
  );
  const asking = snapshotBeforeUpgrade(spec, { version: '1', stage: 'begins' }, { home: folder, snapshots: { file } });
  await expect(asking).rejects.toMatchObject({
    reason: 'VmSnapshot',
    message: expect.stringContaining('other ≠ demo'),
  });
});
