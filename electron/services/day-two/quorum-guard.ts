// Whether the members that keep the cluster's state can do without one of them. Pure.
// A machine that restarts is away for a while: the others must be a majority of all. A machine that leaves is no longer
// counted: the others must be a majority of what is left.
import type { EtcdMember, LocalText } from '../../../api/console/index.ts';

/** The reason that the quorum would not survive it; undefined when it would, or when the machine holds no member. */
export function quorumRefusal(
  members: readonly EtcdMember[],
  machine: string,
  action: 'away' | 'leaves',
): LocalText | undefined {
  const own = members.find(({ name }) => name === machine);
  if (own === undefined || (members.length === 1 && action === 'away')) return undefined;
  if (members.length === 1) {
    return {
      en: `${machine} is the only machine that keeps the cluster's state.`,
      'zh-CN': `${machine} 是唯一保存集群状态的机器。`,
    };
  }
  const others = members.filter((member) => member !== own && member.healthy);
  const counted = action === 'away' ? members.length : members.length - 1;
  const needed = Math.floor(counted / 2) + 1;
  if (others.length >= needed) return undefined;
  const lost = members.filter((member) => member !== own && !member.healthy).map(({ name }) => name);
  return {
    en: `Without ${machine} only ${others.length} of the ${needed} members that etcd needs would be left (not working: ${lost.join(', ') || 'none'}).`,
    'zh-CN': `没有 ${machine}，etcd 只剩 ${others.length} 个成员，而至少需要 ${needed} 个（未工作：${lost.join('、') || '无'}）。`,
  };
}
