import { expect, test } from 'vitest';
import type { MachineFacts } from '../contract.ts';
import { distroNamed, masterPackagesFor } from '../distro/distro.ts';
import type { MachineContext } from '../run/step.ts';
import { transportFrom } from '../transport/shell.ts';
import { etcdPackageStep } from './packages.ts';

const distro = distroNamed('debian-12');

/** A machine whose dpkg says `state` of all that is wanted; what is run there is kept in `scripts`. */
function machineWith(state: string): { context: MachineContext; scripts: string[] } {
  const scripts: string[] = [];
  const installed = distro === undefined ? [] : masterPackagesFor(distro).map((name) => `${state} ${name}`);
  const transport = transportFrom(
    'm',
    (script) => {
      scripts.push(script);
      const isBroken = script.startsWith('[ -e ');
      return Promise.resolve({
        code: isBroken ? 1 : 0,
        stdout: script.startsWith('dpkg-query') ? installed.join('\n') : '',
        stderr: '',
      });
    },
    () => undefined,
  );
  const facts = { osId: 'debian', osVersion: '12', osCodename: 'bookworm', osName: 'Debian 12', arch: 'amd64' };
  const cluster = { options: { packages: 'none' } };
  const signal = new AbortController().signal;
  const context = { cluster, facts: facts as MachineFacts, transport, signal, log: () => undefined };
  return { context: context as unknown as MachineContext, scripts };
}

test('a run cut between the last package and its line in the journal brings nothing when it goes on', async () => {
  const { context, scripts } = machineWith('ii');
  await etcdPackageStep.apply(context, { packages: [], users: [], groups: [], masked: [], emptyFolders: [] });
  expect(scripts.filter((script) => / install | -i /.test(script))).toEqual([]);
});

test('what is not there whole is brought', async () => {
  const { context, scripts } = machineWith('iU');
  await etcdPackageStep.apply(context, { packages: [], users: [], groups: [], masked: [], emptyFolders: [] });
  expect(scripts.filter((script) => / install | -i /.test(script))).toHaveLength(1);
});

test('systemd forgets that services failed which went with their packages, and only those', async () => {
  const { context, scripts } = machineWith('ii');
  const found = { packages: [], users: [], groups: [], emptyFolders: [] };
  await etcdPackageStep.revert(context, { ...found, masked: ['etcd.service'] });
  const last = scripts.at(-1) ?? '';
  expect(last.indexOf('reset-failed etcd.service')).toBeGreaterThan(last.indexOf('daemon-reload'));
  await etcdPackageStep.revert(context, { ...found, masked: [] });
  expect(scripts.at(-1)).not.toContain('reset-failed');
});
