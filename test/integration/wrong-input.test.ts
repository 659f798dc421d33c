// Wrong input, as an administrator gives it to the command: refused with its reason and the next step, in both languages,
// before anything is touched. A listener stands where the machines would be; nobody ever knocks there.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupName, createRecoveryKey, sealBackup } from '../../machinery/backup/index.ts';
import { createClusterSpec, formatBlueprint, sealCredentials, signingKey } from '../../provisioning/index.ts';
import { generateHostKey } from '../../provisioning/transport/host-key.ts';
import { runCli } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'pilothouse-wrong-'));
const home = join(folder, 'home');
const passphrase = 'the right passphrase';
let knocks = 0;
let server: Server;
let closedPort = 0;

const write = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
};
const machines = (count: number, change: object = {}): object[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `m${index + 1}`,
    address: `127.0.0.${index + 1}`,
    port: (server.address() as AddressInfo).port,
    role: 'both',
    keyPath: 'key',
    ...change,
  }));
const cluster = (change: object = {}): string =>
  write('cluster.yaml', { name: 'wrong', machines: machines(1), ...change });

/** Everything under the console's home, which a refusal leaves as it is; its own signing key may come. */
const kept = (): string[] =>
  existsSync(home)
    ? (readdirSync(home, { recursive: true }) as string[])
        .filter((path) => !/signing|audit|trusted|keys/.test(path))
        .sort()
    : [];

interface Wrong {
  readonly args: () => string[] | Promise<string[]>;
  readonly env?: () => NodeJS.ProcessEnv;
  /** What the reason says, in English and in Chinese. */
  readonly says: readonly [RegExp, RegExp];
}

const backups = (): string => join(folder, 'backups');
const backup = backupName('wrong', Date.UTC(2026, 10, 1), 7);

/** A real backup file of the cluster, changed by `spoil` before it is stored. */
async function storedBackup(spoil: (bytes: Buffer) => Buffer = (bytes) => bytes): Promise<void> {
  mkdirSync(backups(), { recursive: true });
  const path = join(backups(), backup);
  const about = {
    cluster: 'wrong',
    createdAt: '2026-11-01T00:00:00.000Z',
    revision: 7,
    objects: 1,
    snapshotBytes: 3,
    etcdVersion: '3.4.23',
  };
  const recoveryKey = await createRecoveryKey(passphrase, 1 << 14);
  await sealBackup(path, {
    about,
    recoveryKey,
    contents: [{ name: 'pki/ca.key', text: randomBytes(5000).toString('hex') }],
  });
  writeFileSync(path, spoil(readFileSync(path)));
}

const restoring = (): string[] => ['restore', backup, '-f', cluster(), '--at', backups(), '--yes'];
const provisioning = (change: object) => (): string[] => ['provision', '-f', cluster(change)];

async function blueprint(change: (text: string) => string): Promise<string> {
  const spec = createClusterSpec({ name: 'wrong', machines: machines(1) });
  return write('a.blueprint', change(formatBlueprint(spec, '0.1.0', await signingKey(join(folder, 'elsewhere')))));
}

const wrong: Readonly<Record<string, Wrong>> = {
  'ranges of pods and Services that overlap': {
    args: provisioning({ podCidr: '10.0.0.0/8', serviceCidr: '10.96.0.0/16' }),
    says: [/10\.0\.0\.0\/8 and .*10\.96\.0\.0\/16 overlap/, /10\.0\.0\.0\/8 与 .*10\.96\.0\.0\/16 重叠/],
  },
  'an even number of masters': {
    args: () => ['provision', '-f', cluster({ machines: machines(2) })],
    says: [/2 masters.*use 1 or 3/, /2 个主节点.*请用 1 或 3 个/],
  },
  'two machines at one address': {
    args: () => ['provision', '-f', cluster({ machines: machines(3, { address: '127.0.0.1' }) })],
    says: [/"127\.0\.0\.1:\d+" is also that of machines\.0/, /127\.0\.0\.1:\d+” 与 machines\.0 重复/],
  },
  'two machines of one name': {
    args: () => ['provision', '-f', cluster({ machines: machines(3, { name: 'same' }) })],
    says: [/"same" is also that of machines\.0/, /“same” 与 machines\.0 重复/],
  },
  'a virtual address that a machine has': {
    args: provisioning({ settings: { virtualAddress: '127.0.0.1' } }),
    says: [/127\.0\.0\.1 is the address of machines\.0/, /127\.0\.0\.1 是 machines\.0 的地址/],
  },
  'an external etcd without TLS': {
    args: provisioning({
      settings: {
        etcd: { external: { endpoints: ['http://127.0.0.1:2379'], caFile: 'a', certFile: 'b', keyFile: 'c' } },
      },
    }),
    says: [/endpoints\.0: must be a URL like https:/, /endpoints\.0：须为形如 https:/],
  },
  'a field that does not exist': {
    args: provisioning({ podCIDR: '10.0.0.0/16' }),
    says: [/Unrecognized key: "podCIDR"/, /未知.*"podCIDR"/],
  },
  'a jump host that does not answer': {
    args: () => ['provision', '-f', cluster({ machines: machines(1, { jump: `127.0.0.1:${closedPort}` }) })],
    says: [/m1: no SSH answer from 127\.0\.0\.1:\d+ \(.*\)/, /m1：127\.0\.0\.1:\d+ 无 SSH 应答/],
  },
  'a passphrase that does not open the backup': {
    args: async () => (await storedBackup(), restoring()),
    env: () => ({ PILOTHOUSE_PASSPHRASE: 'not the passphrase' }),
    says: [/passphrase does not open/, /口令/],
  },
  'a passphrase that does not open the kept credentials': {
    args: () => {
      const spec = createClusterSpec({ name: 'wrong', machines: machines(1, { password: 'x' }) });
      mkdirSync(join(home, 'clusters/wrong'), { recursive: true });
      writeFileSync(join(home, 'clusters/wrong/credentials.sealed'), sealCredentials(spec, passphrase));
      return ['machine', 'cordon', 'm1', '-f', cluster()];
    },
    env: () => ({ PILOTHOUSE_PASSPHRASE_FILE: write('not-it', 'not the passphrase') }),
    says: [/passphrase/, /口令/],
  },
  'a backup that was changed': {
    args: async () => {
      await storedBackup((bytes) => {
        const at = bytes.length - 100;
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        return bytes;
      });
      return restoring();
    },
    env: () => ({ PILOTHOUSE_PASSPHRASE: passphrase }),
    says: [/damaged|changed|cut/, /备份文件已损坏、被截断或被改动/],
  },
  'a backup that is cut': {
    args: async () => (await storedBackup((bytes) => bytes.subarray(0, bytes.length - 1000)), restoring()),
    env: () => ({ PILOTHOUSE_PASSPHRASE: passphrase }),
    says: [/damaged|changed|cut/, /备份文件已损坏、被截断或被改动/],
  },
  'a backup of a newer version': {
    args: async () => {
      await storedBackup((bytes) => Buffer.from(bytes.toString('latin1').replace(/BACKUP 1/, 'BACKUP 2'), 'latin1'));
      return restoring();
    },
    env: () => ({ PILOTHOUSE_PASSPHRASE: passphrase }),
    says: [/newer version/, /备份由更新的版本创建/],
  },
  'a blueprint of a newer version': {
    args: async () => ['blueprint', 'build', await blueprint((text) => text.replace('"format": 1', '"format": 2'))],
    says: [/has format 2; this version reads up to 1/, /格式.*2/],
  },
  'a blueprint that was changed after it was signed': {
    args: async () => ['blueprint', 'build', await blueprint((text) => text.replace('127.0.0.1', '127.0.0.9'))],
    says: [/changed after it was signed/, /蓝图 .*签名后被改动过/],
  },
  'a blueprint by somebody unknown': {
    args: async () => ['blueprint', 'build', await blueprint((text) => text)],
    says: [/SHA256:|sha256|fingerprint/i, /蓝图/],
  },
  'a bundle that is none': {
    args: () => ['provision', '-f', cluster(), '--bundle', write('no.bundle', randomBytes(4096))],
    says: [/bundle/, /离线包|安装包|包/],
  },
  'virtual machines of one address': {
    args: () => {
      const one = { role: 'node', address: '10.9.0.11/24' };
      const spec = {
        cluster: 'wrong',
        hypervisor: { address: '127.0.0.1', port: (server.address() as AddressInfo).port, keyPath: 'key' },
        image: { disk: { path: '/image' } },
        login: { publicKey: 'ssh-ed25519 AAAA' },
        machines: [
          { name: 'a', ...one },
          { name: 'b', ...one },
        ],
      };
      return ['vm', 'create', '-f', write('vms.yaml', spec)];
    },
    says: [/"10\.9\.0\.11" is also that of machines\.0/, /“10\.9\.0\.11” 与 machines\.0 重复/],
  },
};

describe('wrong input', () => {
  beforeAll(async () => {
    server = createServer((socket) => {
      knocks += 1;
      socket.destroy();
    }).listen(0, '0.0.0.0');
    await new Promise((resolve) => server.once('listening', resolve));
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    closedPort = (probe.address() as AddressInfo).port;
    await new Promise((resolve) => probe.close(resolve));
    write('key', generateHostKey('administrator').privateKey);
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(Object.entries(wrong))(
    '%s: refused with reason and remedy, nothing touched',
    async (_, { args, env, says }) => {
      const words = await args();
      const before = kept();
      const languages = [
        ['C', says[0], 'Next step: '],
        ['zh_CN.UTF-8', says[1], '下一步：'],
      ] as const;
      await Promise.all(
        languages.map(async ([language, reason, next]) => {
          const { code, stderr } = await runCli(words, { PILOTHOUSE_HOME: home, LC_ALL: language, ...env?.() });
          expect(code, stderr).toBeGreaterThan(0);
          expect(stderr).toMatch(reason);
          expect(stderr).toContain(next);
          expect(stderr).not.toMatch(/\n\s+at /);
        }),
      );
      expect(knocks).toBe(0);
      expect(kept()).toEqual(before);
    },
  );
});
