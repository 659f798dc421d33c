import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMachineSpec } from '../cluster-file.ts';
import { parseDestination, parseSshConfig } from './ssh-config.ts';

const config = parseSshConfig(`
Host m1 m2
  HostName 10.0.0.7
  Port 2222
  IdentityFile ~/.ssh/site
Host bastion
  HostName bastion.example
  User hop
Host m*
  User admin
  ProxyJump bastion,ops@second.example:2200
Host direct
  ProxyJump none
`);

test('the first word on a matter wins, as in ssh', () => {
  expect(config.lookUp('m1')).toEqual({
    hostName: '10.0.0.7',
    port: 2222,
    user: 'admin',
    identityFile: '~/.ssh/site',
    proxyJump: ['bastion', 'ops@second.example:2200'],
  });
  expect(config.lookUp('direct').proxyJump).toEqual([]);
  expect(config.lookUp('elsewhere')).toEqual({ proxyJump: [] });
});

test('what a configuration wants executed is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-ssh-config-'));
  try {
    const file = join(folder, 'ran');
    parseSshConfig(`Match exec "touch ${file}"\n  User evil\nMatch host a exec "touch ${file}"\n  Port 1\n`).lookUp(
      'a',
    );
    expect(existsSync(file)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['host', { host: 'host' }],
  ['user@host:22', { user: 'user', host: 'host', port: 22 }],
  ['u@[fd00::1]:2222', { user: 'u', host: 'fd00::1', port: 2222 }],
])('%s is read', (text, parts) => expect(parseDestination(text)).toEqual(parts));

test('a machine of the cluster file takes from ssh what it does not say itself', () => {
  const machine = createMachineSpec({ name: 'one', address: 'm1', role: 'node', user: 'root' }, { sshConfig: config });
  expect(machine).toMatchObject({
    address: '10.0.0.7',
    port: 2222,
    user: 'root',
    credentials: { keyPath: '~/.ssh/site' },
    jump: [
      { address: 'bastion.example', port: 22, user: 'hop' },
      { address: 'second.example', port: 2200, user: 'ops' },
    ],
  });
});
