import { expect, test } from 'vitest';
import { createClusterSpec } from '../cluster-file.ts';
import { createSharedWork } from '../run/shared-work.ts';
import type { MachineContext } from '../run/step.ts';
import { transportFrom } from '../transport/shell.ts';
import { etcdStep } from './etcd.ts';

const names = ['m1', 'm2', 'm3'];
const spec = createClusterSpec({
  name: 'c',
  machines: names.map((name, i) => ({ name, address: `10.0.0.${i + 1}`, role: 'master' as const })),
});

/** Masters of which those in `ready` were ready once; answers what was discarded and started, in order. */
async function applyOnAll(ready: readonly string[]): Promise<string[]> {
  const done: string[] = [];
  const transports = new Map(
    names.map((name) => {
      const exec = (script: string): Promise<{ code: number; stdout: string; stderr: string }> => {
        if (script.includes('rm -rf /var/lib/pilothouse/etcd/member')) done.push(`discard ${name}`);
        if (script.includes('systemctl restart')) done.push(`start ${name}`);
        // Whether its etcd was ever ready, and whether it runs now; the members that it lists are all known and not started.
        const isTest = script.startsWith('[ -d ') || script.startsWith('systemctl -q is-active');
        const members = spec.machines.map(({ address }, i) => ({ ID: i + 1, peerURLs: [`https://${address}:2380`] }));
        return Promise.resolve({
          code: isTest && !ready.includes(name) ? 1 : 0,
          stdout: script.includes('member') ? `200 ${JSON.stringify({ members })}` : '',
          stderr: '',
        });
      };
      return [name, transportFrom(name, exec, () => undefined)];
    }),
  );
  const signal = new AbortController().signal;
  const cluster = { spec, transports, signal, options: {}, ...createSharedWork() };
  const contexts = spec.machines.map((machine) => {
    const transport = transports.get(machine.name);
    return { cluster, spec, machine, transport, signal, log: () => undefined } as unknown as MachineContext;
  });
  await Promise.all(contexts.map((context) => etcdStep.apply(context, { absent: [] })));
  return done;
}

test('a founding that was broken leaves nothing on any master before the first starts anew', async () => {
  const done = await applyOnAll([]);
  expect(done.slice(0, 3).sort()).toEqual(['discard m1', 'discard m2', 'discard m3']);
  expect(done.slice(3).sort()).toEqual(['start m1', 'start m2', 'start m3']);
});

test('where the others have founded, only the member that was never ready begins anew', async () => {
  const done = await applyOnAll(['m1', 'm2']);
  expect(done.filter((what) => what.startsWith('discard'))).toEqual(['discard m3']);
  expect(done.indexOf('discard m3')).toBeLessThan(done.indexOf('start m3'));
});
