// Controllers with hollow nodes, by the ruler's phase g: how fast a Deployment's pods exist and are bound, and what the
// scheduler and controllers weigh in a process of their own.
import { cpuNote, load, pause, rawEtcd, residentMiB, whyNot, withPlane, type Phase } from './plane.ts';
import type { Figure, Section } from './report.ts';

const settleSeconds = 15;

function rollout(phases: Readonly<Record<string, Phase>>): Figure[] {
  const of = (measure: string, name: string): number => phases['g']?.results[measure]?.[name] ?? NaN;
  return [
    { name: 'Deployment 0 → 500, all exist', value: of('rollout 0->500', 'exist_s'), unit: 's' },
    { name: 'Deployment 0 → 500, all bound', value: of('rollout 0->500', 'bound_s'), unit: 's', bar: { atMost: 1.3 } },
    { name: 'Deployment 500 → 1,000, all bound', value: of('scale 500->1000', 'bound_s'), unit: 's' },
    {
      name: 'new image, 250 surge pods bound',
      value: of('image update (surge)', 'bound_s'),
      unit: 's',
      note: `the three together: ${cpuNote(phases['g'])}`,
    },
  ];
}

export const controllersSection: Section = {
  name: 'controllers',
  describe: 'rollouts on 500 hollow nodes, and the weight of scheduler and controllers alone',
  run: async (log) => {
    const obstacle = whyNot();
    if (obstacle !== undefined) {
      log(`skipped: ${obstacle}`);
      return [];
    }
    const raw = await rawEtcd();
    const phases = await withPlane(['api,scheduler,controllers'], (plane) => load(plane, 'g', log));
    const figures = rollout(phases);
    log('scheduler and controllers in a process of their own');
    const alone = await withPlane(['api', 'scheduler,controllers'], async (plane) => {
      await load(plane, 'f,g', log);
      await pause(settleSeconds);
      return residentMiB(plane.pids['others'] ?? 0);
    });
    return [
      { name: 'raw etcd puts, 64 in flight', value: raw.many, unit: '/s' },
      ...figures,
      { name: 'scheduler and controllers alone, after the load', value: alone, unit: 'MB', bar: { atMost: 140 } },
    ];
  },
};
