// The API under load, by the ruler for any Kubernetes API that lies beside the checkout (../shared/bench): the whole
// control plane with a real embedded etcd, then the API server alone for its memory and CPU. Bars are those of the issue.
import { measureFloor } from './floor.ts';
import { figure, load, pause, rawEtcd, residentMiB, whyNot, withPlane, type Phases } from './plane.ts';
import type { Figure, Section } from './report.ts';

const everything = 'api,scheduler,controllers';
const phasesOfApi = 'a,b,c,d,e,h';
const idleSeconds = 30;
const settleSeconds = 60;

function rates(phases: Phases, raw: number): Figure[] {
  const creates = figure(phases, 'a', 'create pods', 'per_s');
  const lists = ['LIST full', 'LIST full rv=0', 'LIST limit=500'].flatMap((measure): Figure[] => [
    { name: `${measure}, 5,000 pods`, value: figure(phases, 'c', measure, 'p50_ms'), unit: 'ms', bar: { atMost: 45 } },
    { name: `${measure}, rate`, value: figure(phases, 'c', measure, 'mb_per_s'), unit: 'MB/s', bar: { atLeast: 250 } },
  ]);
  return [
    { name: 'create pods, 64 in flight', value: creates, unit: '/s' },
    { name: 'create pods / raw etcd', value: creates / raw, unit: '×', bar: { atLeast: 0.2 } },
    {
      name: 'GET one pod, 64 clients',
      value: figure(phases, 'b', 'GET pod, 64 clients', 'per_s'),
      unit: '/s',
      bar: { atLeast: 8000 },
    },
    {
      name: 'GET one pod, one client, p50',
      value: figure(phases, 'b', 'GET pod, 1 client', 'p50_ms'),
      unit: 'ms',
      bar: { atMost: 0.5 },
    },
    ...lists,
    {
      name: '50 watchers, patches flat out',
      value: figure(phases, 'd', 'watch, burst', 'per_s'),
      unit: '/s',
      bar: { atLeast: 45_000 },
    },
    {
      name: '50 watchers, 100 writes/s, p50',
      value: figure(phases, 'd', 'watch, 100 writes/s', 'p50_ms'),
      unit: 'ms',
      bar: { atMost: 3 },
    },
    {
      name: '50 watchers, 100 writes/s, p99',
      value: figure(phases, 'd', 'watch, 100 writes/s', 'p99_ms'),
      unit: 'ms',
      bar: { atMost: 10 },
    },
    {
      name: 'merge patch of status',
      value: figure(phases, 'e', 'merge-patch status', 'per_s'),
      unit: '/s',
      bar: { atLeast: 1800 },
    },
    {
      name: 'delete a collection of 5,000',
      value: figure(phases, 'h', 'delete collection', 'secs'),
      unit: 's',
      bar: { atMost: 4 },
    },
  ];
}

function cpuMs(phases: Phases, phase: string, measure: string): number {
  return ((phases[phase]?.server_cpu_s['server'] ?? NaN) * 1000) / figure(phases, phase, measure, 'n');
}

/** The API server alone: ready, idle, loaded, settled. */
function weighServer(log: (line: string) => void): Promise<Figure[]> {
  return withPlane(['api'], async (plane) => {
    const pid = plane.pids['server'] ?? 0;
    log(`the API server alone: idle for ${idleSeconds} s`);
    await pause(idleSeconds);
    const idle = residentMiB(pid);
    const phases = await load(plane, phasesOfApi, log);
    const loaded = residentMiB(pid);
    log(`settling for ${settleSeconds} s`);
    await pause(settleSeconds);
    return [
      { name: 'start to ready, empty etcd started too', value: plane.readyMs / 1000, unit: 's', bar: { atMost: 1 } },
      { name: 'API server alone: resident, idle', value: idle, unit: 'MB', bar: { atMost: 110 } },
      { name: 'API server alone: resident after the load', value: loaded, unit: 'MB', bar: { atMost: 300 } },
      { name: 'API server alone: resident a minute later', value: residentMiB(pid), unit: 'MB', bar: { atMost: 200 } },
      {
        name: 'API server alone: CPU per create',
        value: cpuMs(phases, 'a', 'create pods'),
        unit: 'ms',
        bar: { atMost: 0.8 },
      },
      {
        name: 'API server alone: CPU per patch',
        value: cpuMs(phases, 'e', 'merge-patch status'),
        unit: 'ms',
        bar: { atMost: 0.8 },
      },
    ];
  });
}

export const apiSection: Section = {
  name: 'api',
  describe: 'the ruler of ../shared/bench on our control plane with a real etcd',
  run: async (log) => {
    const obstacle = whyNot();
    if (obstacle !== undefined) {
      log(`skipped: ${obstacle}`);
      return [];
    }
    log('raw etcd');
    const before = await rawEtcd();
    const phases = await withPlane([everything], (plane) => load(plane, phasesOfApi, log));
    const after = await rawEtcd();
    const raw = (before.many + after.many) / 2;
    return [
      {
        name: 'raw etcd puts, 64 in flight (before and after)',
        value: raw,
        unit: '/s',
        note: `${before.many}, ${after.many}`,
      },
      { name: 'raw etcd puts, one at a time', value: (before.one + after.one) / 2, unit: '/s' },
      ...rates(phases, raw),
      ...(await measureFloor(log)),
      ...(await weighServer(log)),
    ];
  },
};
