// A lab machine at a site with a proxy, a mirror and an authority of its own: what the step brings is used, and it goes
// without a trace.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../machinery/clock.ts';
import { requires } from '../../test/support/requirements.ts';
import { createClusterSpec } from '../cluster-file.ts';
import type { ClusterSpec, LabMachine } from '../contract.ts';
import { labDown, labUp } from '../machines/lab.ts';
import { difference, onMachine, snapshot } from '../machines/snapshot.testing.ts';
import { openRun } from '../run/run-plan.ts';
import type { MachineContext } from '../run/step.ts';
import { certificate } from '../site-settings.testing.ts';
import { siteStep } from './site.ts';

const name = `s${process.pid % 100_000}`;
const home = mkdtempSync(join(tmpdir(), 'pilothouse-site-'));
const asked: string[] = [];
let machine: LabMachine;
let proxy: Server;
let bare = '';
let host = '';

const specOf = (site: object): ClusterSpec => {
  const { name: label, address, keyPath } = machine;
  const machines = [{ name: label, address, role: 'both', keyPath }];
  return createClusterSpec({ name, machines, settings: { site } });
};

/** Does `work` with the step's context on the machine, as a run would. */
async function withStep<T>(site: object, work: (context: MachineContext) => Promise<T>): Promise<T> {
  const run = await openRun(specOf(site), { home }, systemClock, new AbortController().signal);
  try {
    return await work(run.machineContext(machine.name, () => undefined));
  } finally {
    run.close();
  }
}

requires('lab')('a site of its own', () => {
  beforeAll(async () => {
    const lab = await labUp({ name, home, masters: 1, workers: 0, bare: true });
    [machine] = lab.machines as [LabMachine];
    host = machine.address.replace(/\d+$/, '1');
    proxy = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, host, resolve));
    bare = snapshot(machine);
  });
  afterAll(async () => {
    proxy.close();
    await labDown({ name, home });
    rmSync(home, { recursive: true, force: true });
  });

  test('its proxy is asked, its authority believed, its mirror a source; and all of it goes without a trace', async () => {
    const authority = certificate(home, 'site', { isAuthority: true });
    const site = {
      httpProxy: `http://${host}:${(proxy.address() as AddressInfo).port}`,
      packageMirror: 'http://mirror.site.example/debian',
      imageMirrors: ['http://images.site.example'],
      certificateAuthorities: [authority],
    };
    const record = await withStep(site, async (context) => {
      expect(await siteStep.check(context)).toBe(false);
      const found = await siteStep.record(context);
      await siteStep.apply(context, found);
      await siteStep.apply(context, found); // cut and gone on with
      expect(await siteStep.check(context)).toBe(true);
      return found;
    });
    // Asked without blocking: the proxy answers in this very process.
    await withStep(site, ({ transport }) => transport.exec('timeout 60 apt-get -q -o Acquire::Retries=0 update'));
    expect(asked.some((url) => url.startsWith('http://mirror.site.example/debian/dists/bookworm'))).toBe(true);
    expect(onMachine(machine, 'cat /etc/ssl/certs/pilothouse-site-1.pem')).toContain('BEGIN CERTIFICATE');
    expect(onMachine(machine, 'cat /etc/docker/daemon.json')).toContain('http://images.site.example');

    await withStep({}, async (context) => {
      expect(await siteStep.check(context)).toBe(false); // settings taken back are taken off
      await siteStep.apply(context, record);
      expect(await siteStep.check(context)).toBe(true);
      expect(onMachine(machine, 'ls /etc/ssl/certs')).not.toContain('pilothouse-site');
      await siteStep.revert(context, record);
      await siteStep.revert(context, record);
    });
    onMachine(machine, 'rm -rf /var/lib/apt/lists/*; mkdir -p /var/lib/apt/lists/partial; rm -f /run/pilothouse.lock');
    const traces = difference(bare, snapshot(machine)).filter((line) => !line.includes('/var/lib/apt/lists'));
    expect(traces).toEqual([]);
  });
});
