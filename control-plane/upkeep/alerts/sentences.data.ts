// What alerts say, in both languages: the sentence and the next step.
import type { AlertKind } from './rules.ts';

export const sentences: Readonly<
  Record<AlertKind, { readonly en: readonly [string, string]; readonly 'zh-CN': readonly [string, string] }>
> = {
  'quorum-at-risk': {
    en: [
      'etcd works with {working} of {members} members; {lost} is lost, and {spare} more may be lost before the cluster takes no writes',
      'Bring {lost} back, or replace it: `pilothouse recover --dry-run` shows every master.',
    ],
    'zh-CN': [
      'etcd 以 {members} 个成员中的 {working} 个运行；{lost} 已丢失，再丢失 {spare} 个以上集群将无法写入',
      '请恢复或替换 {lost}：`pilothouse recover --dry-run` 会显示所有主节点。',
    ],
  },
  'quorum-lost': {
    en: [
      'etcd has lost its quorum: {working} of {members} members answer ({lost} do not); the cluster takes no writes, running pods go on',
      'Bring the masters back; if they are lost for good: `pilothouse recover`.',
    ],
    'zh-CN': [
      'etcd 已失去法定人数：{members} 个成员中仅 {working} 个响应（{lost} 无响应）；集群无法写入，运行中的 Pod 不受影响',
      '请恢复主节点；若已永久丢失：`pilothouse recover`。',
    ],
  },
  'machine-lost': {
    en: [
      'Machine {machine} is lost since {since}: {reason}',
      'Check its power and network; its pods run elsewhere after the grace period.',
    ],
    'zh-CN': ['机器 {machine} 自 {since} 起丢失：{reason}', '请检查其电源与网络；宽限期后其 Pod 将在别处运行。'],
  },
  'disk-filling': {
    en: [
      'The disk of {machine} is {percent} % full, {free} are left',
      'Delete unused images and data, or make the disk larger.',
    ],
    'zh-CN': ['{machine} 的磁盘已用 {percent}%，剩余 {free}', '请删除不用的镜像与数据，或扩容磁盘。'],
  },
  'certificate-ending': {
    en: [
      'The certificate {where} ends in {days} days ({end}) and was not renewed',
      'Run `pilothouse certificates renew`.',
    ],
    'zh-CN': ['证书 {where} 将在 {days} 天后（{end}）到期，且未续期', '请运行 `pilothouse certificates renew`。'],
  },
  'backup-not-proved': {
    en: [
      'No scheduled backup has been proved since {last}; last failure: {reason}',
      'Run `pilothouse backup schedule` to see why, and `pilothouse backup create` for one now.',
    ],
    'zh-CN': [
      '自 {last} 以来没有经过验证的计划备份；最近失败原因：{reason}',
      '请运行 `pilothouse backup schedule` 查看原因，并用 `pilothouse backup create` 立即备份。',
    ],
  },
};

export const words = {
  en: {
    firing: 'ALERT',
    resolved: 'resolved',
    test: 'This is a test of alerts from Pilothouse; nothing is wrong.',
    next: 'Next step',
  },
  'zh-CN': { firing: '告警', resolved: '已恢复', test: '这是 Pilothouse 的告警测试，一切正常。', next: '下一步' },
} as const;

export type AlertLanguage = keyof typeof words;

/** The filled sentence and next step of an alert. */
export function describe(
  kind: AlertKind,
  values: Readonly<Record<string, string | number>>,
  language: AlertLanguage,
): { readonly message: string; readonly remedy: string } {
  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  const [message, remedy] = sentences[kind][language];
  return { message: fill(message), remedy: fill(remedy) };
}
