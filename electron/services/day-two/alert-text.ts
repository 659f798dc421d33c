// Alerts as the console words them: shorter than the messages that go out, with the same facts.
import type { AlertKind, LocalText } from '../../../api/console/index.ts';

const sentences: Readonly<Record<AlertKind, readonly [string, string]>> = {
  'quorum-at-risk': [
    'etcd works with {working} of {members} members; {lost} is lost',
    'etcd 以 {members} 个成员中的 {working} 个运行；{lost} 已丢失',
  ],
  'quorum-lost': ['etcd has lost its quorum: {lost}', 'etcd 已失去法定人数：{lost}'],
  'machine-lost': ['Machine {machine} is lost: {reason}', '机器 {machine} 已丢失：{reason}'],
  'disk-filling': [
    'The disk of {machine} is {percent} % full, {free} are left',
    '{machine} 的磁盘已用 {percent}%，剩余 {free}',
  ],
  'certificate-ending': [
    'The certificate {where} ends in {days} days and was not renewed',
    '证书 {where} 将在 {days} 天后到期，且未续期',
  ],
  'backup-not-proved': ['No scheduled backup has been proved since {last}', '自 {last} 以来没有经过验证的计划备份'],
};

/** The sentence in both languages. */
export function alertText(kind: AlertKind, values: Readonly<Record<string, string | number>>): LocalText {
  const [en, zh] = sentences[kind];
  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  return { en: fill(en), 'zh-CN': fill(zh) };
}
