// Commands of upgrades: the plan, which changes nothing, and the upgrade as a run.
import { z } from 'zod';
import type { LocalText } from '../../../api/console/index.ts';
import type * as Provisioning from '../../../provisioning/index.ts';
import { clusterId, type CommandsOf } from '../commands/table.ts';
import type { Outcome } from '../provisioning/runs.ts';

const provisioning = (): Promise<typeof Provisioning> => import('../../../provisioning/index.ts');
const bundle = z.string().min(1).max(4096).optional();

function outcomeOf({ state, version, reason = '', snapshots }: Provisioning.UpgradeResult): Outcome {
  const kept = snapshots?.kept === true ? [keptDisks(snapshots)] : [];
  if (state === 'done') return { ok: true, ...(kept.length === 0 ? {} : { message: joined(kept) }) };
  if (state === 'paused') {
    const paused = {
      en: `Paused with a working cluster: start it again to bring the others to ${version}.`,
      'zh-CN': `已暂停，集群可正常工作：再次开始即可将其余机器升级到 ${version}。`,
    };
    return { ok: true, message: joined([paused, ...kept]) };
  }
  const returned = {
    en: `Every machine runs what it ran before, because: ${reason}`,
    'zh-CN': `所有机器已恢复到之前的版本，原因：${reason}`,
  };
  return { ok: false, message: joined([returned, ...kept]) };
}

/** How disks of virtual machines that were kept come back, or are let go. */
function keptDisks({ machines, label, file }: NonNullable<Provisioning.UpgradeResult['snapshots']>): LocalText {
  const [names, revert, drop] = [
    machines.join(', '),
    `pilothouse vm revert ${label}`,
    `pilothouse vm drop-snapshot ${label}`,
  ];
  return {
    en: `Disks kept as they were before: ${names}; \`${revert} -f ${file}\` brings them back, \`${drop} -f ${file}\` lets them go.`,
    'zh-CN': `已保留升级前的磁盘：${names}；\`${revert} -f ${file}\` 可恢复，\`${drop} -f ${file}\` 可删除。`,
  };
}

function joined(sentences: readonly LocalText[]): LocalText {
  return {
    en: sentences.map(({ en }) => en).join(' '),
    'zh-CN': sentences.map((sentence) => sentence['zh-CN']).join(''),
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
