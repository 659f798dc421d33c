import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { armScript, breakInput, breakScript, checkScript, type MachineBreak, wayBack } from './machine-break.ts';

const link: MachineBreak = { kind: 'link', others: ['10.0.0.2', '10.244.1.0/24'], sshPorts: [2222, 22] };
const all: readonly MachineBreak[] = [link, { kind: 'agent' }, { kind: 'master' }];

test.each(all)('the scripts of $kind are a shell’s', (broken) => {
  for (const script of [wayBack(broken), breakScript(broken), checkScript(broken), armScript(60)])
    execFileSync('sh', ['-n'], { input: script });
});

test('etcd is the last to stop and the first to come back', () => {
  const stop = breakScript({ kind: 'master' });
  expect(stop.indexOf('systemctl stop pilothouse-control-plane')).toBeGreaterThan(0);
  expect(stop.indexOf('systemctl stop pilothouse-etcd')).toBeGreaterThan(
    stop.indexOf('systemctl stop pilothouse-control-plane'),
  );
  const back = wayBack({ kind: 'master' });
  expect(back.indexOf('start --no-block pilothouse-etcd')).toBeLessThan(
    back.indexOf('start --no-block pilothouse-control-plane'),
  );
});

test('a machine that is cut off can still be administered, and talks to itself', () => {
  const rules = breakInput(link) ?? '';
  expect(rules).toContain('elements = { 10.0.0.2, 10.244.1.0/24 }');
  expect(rules.indexOf('tcp dport { 22, 2222 } accept')).toBeLessThan(rules.indexOf('ip saddr @others drop'));
  expect(rules.indexOf('tcp sport { 22, 2222 } accept')).toBeLessThan(rules.indexOf('ip daddr @others drop'));
  expect(rules.match(/"lo" accept/g)).toHaveLength(2);
});

test('what puts back takes its own timer away last', () => {
  for (const broken of all) {
    const lines = wayBack(broken).trimEnd().split('\n');
    expect(lines.slice(-3)).toEqual([
      'rm -rf /run/pilothouse-drill',
      'systemctl stop pilothouse-drill.timer 2>/dev/null',
      'exit 0',
    ]);
  }
});
