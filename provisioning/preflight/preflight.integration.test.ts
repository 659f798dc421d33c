// Preflight against real machines with something wrong on each: all problems of all machines in one report, every one
// with a remedy in both languages, and nothing changed anywhere.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requires } from '../../test/support/requirements.ts';
import { createClusterSpec } from '../cluster-file.ts';
import type { LabMachine, LabStatus, PreflightReport } from '../contract.ts';
import { labDown, labUp } from '../machines/lab.ts';
import { difference, onMachine, snapshot } from '../machines/snapshot.testing.ts';
import { clusterPaths } from '../paths.ts';
import { provision } from '../provision.ts';
import { openKnownHosts } from '../transport/known-hosts.ts';
import { preflight } from './preflight.ts';

const name = `p${process.pid % 100_000}`;
const home = mkdtempSync(join(tmpdir(), 'pilothouse-preflight-'));
let lab: LabStatus;
const before = new Map<string, string>();

const worker = (number: number): LabMachine => {
  const found = lab.machines.find((machine) => machine.name === (number === 0 ? 'master-1' : `worker-${number}`));
  if (found === undefined) throw new Error(`no worker ${number}`);
  return found;
};
const member = (machine: LabMachine, change: object = {}): object => ({
  name: machine.name,
  address: machine.address,
  role: machine.role,
  user: machine.user,
  keyPath: machine.keyPath,
  ...change,
});

/** What stands wrong, by machine: the ids of failed checks of severity error. */
const problems = (report: PreflightReport): Record<string, string[]> =>
  Object.fromEntries(
    report.machines.map((machine) => [
      machine.name,
      machine.checks.filter((check) => !check.ok && check.severity === 'error').map((check) => check.id),
    ]),
  );

requires('lab')('preflight on machines with problems', () => {
  beforeAll(async () => {
    lab = await labUp({ name, home, masters: 1, workers: 6, bare: true });
    onMachine(worker(0), 'systemd-run -q --unit=squatter systemd-socket-activate -l 6443 /bin/cat');
    onMachine(
      worker(1),
      'echo "PasswordAuthentication yes" > /etc/ssh/sshd_config.d/password.conf; systemctl reload ssh',
    );
    onMachine(
      worker(2),
      'useradd -m -s /bin/bash plain && mkdir -p ~plain/.ssh && cp ~/.ssh/authorized_keys ~plain/.ssh/ && chown -R plain: ~plain/.ssh',
    );
    onMachine(
      worker(3),
      `sed -i 's/^ID=.*/ID=alpine/; s/^VERSION_ID=.*/VERSION_ID=3.20/; s/^PRETTY_NAME=.*/PRETTY_NAME="Alpine Linux"/' /etc/os-release`,
    );
    onMachine(worker(5), `echo ${onMachine(worker(4), 'cat /etc/machine-id').trim()} > /etc/machine-id`);
    const pinned = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from('another key')]);
    openKnownHosts(clusterPaths(name, home).knownHosts).pin(worker(6).address, 22, pinned);
    for (const machine of lab.machines) before.set(machine.name, snapshot(machine));
  });
  afterAll(async () => {
    await labDown({ name, home });
    rmSync(home, { recursive: true, force: true });
  });

  test('finds all problems of all machines at once, with remedies, and changes nothing', async () => {
    const spec = createClusterSpec({
      name,
      machines: [
        member(worker(0)),
        member(worker(1), { keyPath: undefined, password: 'wrong' }),
        member(worker(2), { user: 'plain' }),
        member(worker(3)),
        member(worker(4)),
        member(worker(5)),
        member(worker(6)),
        { name: 'nobody', address: worker(6).address.replace(/\d+$/, '250'), role: 'node', keyPath: worker(0).keyPath },
      ],
    });
    const report = await preflight(spec, { home });
    expect(report.ok).toBe(false);
    expect(problems(report)).toEqual({
      'master-1': ['ports'],
      'worker-1': ['login'],
      'worker-2': ['sudo'],
      'worker-3': ['os'],
      'worker-4': ['machine-id'],
      'worker-5': ['machine-id'],
      'worker-6': ['host-key'],
      nobody: ['reachable'],
    });
    for (const check of report.machines.flatMap((machine) => machine.checks).filter(({ ok }) => !ok)) {
      expect(check.remedy?.en, check.id).toBeTruthy();
      expect(check.remedy?.['zh-CN'], check.id).toMatch(/[\u4e00-\u9fff]/);
    }
    await expect(provision(spec, { home })).rejects.toMatchObject({ reason: 'Preflight' });
    for (const machine of lab.machines)
      expect(difference(before.get(machine.name) ?? '', snapshot(machine)), machine.name).toEqual([]);
  });

  test('says yes to good machines, with figures, and pins their host keys', async () => {
    const spec = createClusterSpec({
      name: `${name}b`,
      machines: [member(worker(2), { role: 'both' }), member(worker(4))],
    });
    const report = await preflight(spec, { home });
    expect(problems(report)).toEqual({ 'worker-2': [], 'worker-4': [] });
    expect(report.machines[0]).toMatchObject({ hostKeyIsNew: true, facts: { osId: 'debian' } });
    expect(report.machines[0]?.checks.find((check) => check.id === 'fsync')?.figure).toMatch(/^[\d.]+ ms$/);
    expect((await preflight(spec, { home })).machines[0]?.hostKeyIsNew).toBe(false);
  });

  test('becomes root by sudo with a password, and keeps it out of process lists', async () => {
    const machine = worker(2);
    onMachine(machine, `printf 'plain:s3cret-word' | chpasswd && echo 'plain ALL=(ALL) ALL' > /etc/sudoers.d/plain`);
    const spec = createClusterSpec({
      name: `${name}c`,
      machines: [member(machine, { user: 'plain', role: 'both', sudoPassword: 's3cret-word' })],
    });
    expect(problems(await preflight(spec, { home }))).toEqual({ 'worker-2': [] });
    expect(onMachine(machine, 'journalctl --no-pager | grep -c s3cret-word || true').trim()).toBe('0');
  });
});
