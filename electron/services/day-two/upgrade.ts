// Commands of upgrades: the plan, which changes nothing, and the upgrade as a run.
import { z } from 'zod';
import type * as Provisioning from '../../../provisioning/index.ts';
import { clusterId, type CommandsOf } from '../commands/table.ts';
import type { Outcome } from '../provisioning/runs.ts';

const provisioning = (): Promise<typeof Provisioning> => import('../../../provisioning/index.ts');
const bundle = z.string().min(1).max(4096).optional();

function outcomeOf({ state, version, reason = '' }: Provisioning.UpgradeResult): Outcome {
  if (state === 'done') return { ok: true };
  if (state === 'paused') {
    return {
      ok: true,
      message: {
        en: `Paused with a working cluster: start it again to bring the others to ${version}.`,
        'zh-CN': `已暂停，集群可正常工作：再次开始即可将其余机器升级到 ${version}。`,
      },
    };
  }
  return {
    ok: false,
    message: {
      en: `Every machine runs what it ran before, because: ${reason}`,
      'zh-CN': `所有机器已恢复到之前的版本，原因：${reason}`,
    },
  };
}

export const upgradeCommands: CommandsOf<'upgrade'> = {
  'upgrade.plan': {
    payload: z.strictObject({ clusterId, bundle }),
    async run({ clusterId: id, bundle: file }, { runs, home, programs }) {
      const { planUpgrade } = await provisioning();
      return planUpgrade(await runs.specOf(id), { ...programs, home, bundle: file });
    },
  },
  'upgrade.start': {
    payload: z.strictObject({
      clusterId,
      bundle,
      bundleKey: z.string().max(300).optional(),
      drain: z.boolean(),
      backup: z.boolean(),
      pauseAfter: z.number().int().min(1).max(1000).optional(),
    }),
    run: ({ clusterId: id, backup, ...rest }, { runs }) =>
      runs.task(id, 'upgrade', async (spec, options) => {
        const { upgradeCluster } = await provisioning();
        return outcomeOf(await upgradeCluster(spec, { ...options, ...rest, backup: backup ? 'snapshot' : 'none' }));
      }),
  },
};
