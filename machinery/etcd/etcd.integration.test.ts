// The client and the embedded process against a real etcd.
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../../test/support/requirements.ts';
import { silentLogger } from '../logger.ts';
import { createAuthority, ensurePki } from '../pki/index.ts';
import { createEtcdClient, startEmbeddedEtcd } from './index.ts';
import type { EmbeddedEtcd, EmbeddedEtcdOptions, EtcdClient, EtcdEvent } from './index.ts';

requires('etcd')('etcd', () => {
  let folder: string;
  let options: EmbeddedEtcdOptions;
  let etcd: EmbeddedEtcd;
  let client: EtcdClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-etcd-'));
    const pki = await ensurePki(join(folder, 'pki'), { apiServerSans: [] });
    const credentials = { ca: pki.etcdCa.cert, ...pki.etcdClient };
    options = { dataDir: join(folder, 'etcd'), pkiDir: pki.dir, client: credentials, logger: silentLogger };
    etcd = await startEmbeddedEtcd(options);
    client = createEtcdClient(etcd.access);
  });
  afterAll(async () => {
    client.close();
    await etcd.stop();
    await rm(folder, { recursive: true });
  });
  const put = async (key: string, text: string, modRevision?: number) =>
    client.transact({
      guards: modRevision === undefined ? [] : [{ key, modRevision }],
      write: { put: key, value: Buffer.from(text) },
      otherwiseRead: [key],
    });

  it('lets a guarded write land only on the version it names', async () => {
    const first = await put('guarded', 'one', 0);
    expect(first.landed).toBe(true);
    const second = await put('guarded', 'two', 0);
    expect(second).toMatchObject({ landed: false, found: [{ modRevision: first.revision }] });
  });

  it('serves its own process by a socket in a folder that only its user may enter', async () => {
    const [endpoint = ''] = etcd.ownAccess.endpoints;
    const socket = fileURLToPath(endpoint.replace('unix:', 'file:'));
    expect((await stat(socket)).isSocket()).toBe(true);
    expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700);
    const own = createEtcdClient(etcd.ownAccess);
    const { revision } = await put('socket', 'x');
    expect(await own.currentRevision()).toBeGreaterThanOrEqual(revision);
    own.close();
  });

  it('is reached by a stream that somebody else opens, with TLS from end to end', async () => {
    const dialled: string[] = [];
    const dial = (host: string, port: number): Promise<Socket> => {
      dialled.push(`https://${host}:${port}`);
      return new Promise((resolve, reject) => {
        const socket = connect({ host, port }, () => resolve(socket));
        socket.once('error', reject);
      });
    };
    const through = createEtcdClient({ ...etcd.access, dial });
    expect(await through.health()).toMatchObject([{ healthy: true, clusterId: expect.stringMatching(/^[0-9a-f]+$/) }]);
    expect(await through.currentRevision()).toBe(await client.currentRevision());
    expect(dialled).toEqual(etcd.access.endpoints);
    through.close();
    const stranger = createEtcdClient({ ...etcd.access, ca: (await createAuthority('another')).cert, dial });
    expect(await stranger.health()).toMatchObject([{ healthy: false, version: '' }]);
    stranger.close();
    const nowhere = createEtcdClient({ ...etcd.access, dial: () => Promise.reject(new Error('no way')) });
    await expect(nowhere.currentRevision()).rejects.toThrow(/no way/);
    nowhere.close();
  });

  it('knows the revision without asking, but for what guests write', async () => {
    const own = createEtcdClient(etcd.ownAccess);
    const guest = createEtcdClient(etcd.access);
    const { revision } = await guest.transact({
      guards: [],
      write: { put: 'guest', value: Buffer.from('x') },
      otherwiseRead: [],
    });
    expect(own.knownRevision()).toBeUndefined();
    expect(guest.knownRevision()).toBeUndefined();
    guest.close();
    client.close();
    await expect.poll(() => own.knownRevision(), { timeout: 10_000 }).toBeGreaterThanOrEqual(revision);
    const mine = await own.transact({ guards: [], write: { put: 'own', value: Buffer.from('x') }, otherwiseRead: [] });
    expect(own.knownRevision()).toBe(mine.revision);
    own.close();
    client = createEtcdClient(etcd.access);
  });

  it('starts where the path of the data folder is too long for a socket', async () => {
    const dataDir = join(folder, 'x'.repeat(80), 'etcd');
    await mkdir(dataDir, { recursive: true });
    const other = await startEmbeddedEtcd({ ...options, dataDir });
    expect(other.ownAccess).toEqual(other.access);
    await other.stop();
  });

  it('reads values larger than gRPC allows by default', async () => {
    for (let i = 0; i < 6; i++) await put(`large/${i}`, 'x'.repeat(1024 * 1024));
    const { items } = await client.range({ key: 'large/', end: 'large0' });
    expect(items.reduce((sum, { value }) => sum + value.length, 0)).toBe(6 * 1024 * 1024);
  });

  it('watches from a revision on, through a reconnect, and says when that is compacted', async () => {
    const { revision } = await put('watched', '0');
    const seen: EtcdEvent[] = [];
    const watch = client.watch({
      afterRevision: revision,
      onEvents: (events) => seen.push(...events),
      onCompacted: () => undefined,
    });
    const last = async (count: number): Promise<void> => {
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(count);
    };
    await put('watched', '1');
    await last(1);
    watch.reconnect();
    await put('watched', '2');
    await put('watched', '3');
    await last(3);
    expect(seen.map(({ value }) => value?.toString())).toEqual(['1', '2', '3']);
    watch.close();

    await client.compact(await client.currentRevision());
    const compacted = Promise.withResolvers<void>();
    const late = client.watch({
      afterRevision: revision - 1,
      onEvents: () => undefined,
      onCompacted: compacted.resolve,
    });
    await compacted.promise;
    late.close();
  });

  it('leaves its first endpoint when that is away, and comes back to it', async () => {
    const port = Number(new URL(etcd.access.endpoints[0] ?? '').port);
    let through = 0;
    const open = new Set<Socket>();
    const serve = (at: number): Promise<Server> =>
      new Promise((resolve) => {
        const server: Server = createServer((socket) => {
          through += 1;
          const ahead = connect(port, '127.0.0.1');
          for (const each of [socket, ahead]) open.add(each.on('error', () => undefined));
          socket.pipe(ahead).pipe(socket);
        }).listen(at, '127.0.0.1', () => resolve(server));
      });
    const first = await serve(0);
    const home = (first.address() as AddressInfo).port;
    const leave = async (server: Server): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    };
    const endpoints = [`https://127.0.0.1:${home}`, ...etcd.access.endpoints];
    const client = createEtcdClient({ ...etcd.access, endpoints });
    try {
      await client.currentRevision();
      expect(through).toBe(1);
      await leave(first);
      await client.currentRevision(); // by the second
      const second = await serve(home);
      try {
        await expect.poll(() => through, { timeout: 10_000 }).toBe(2);
      } finally {
        await leave(second);
      }
    } finally {
      client.close();
    }
  });

  it('reports its member, gives space back, and refuses strangers', async () => {
    await client.defragment(etcd.access.endpoints[0] ?? '');
    expect(await client.hasSpaceAlarm()).toBe(false);
    await client.disarmSpaceAlarm();
    expect(await client.health()).toMatchObject([{ name: 'embedded', healthy: true, leader: true }]);
    const stranger = createEtcdClient({ endpoints: etcd.access.endpoints, ca: etcd.access.ca });
    await expect(stranger.currentRevision()).rejects.toMatchObject({ failure: 'unavailable' });
    stranger.close();
  });

  it('runs once per data folder', async () => {
    await expect(startEmbeddedEtcd(options)).rejects.toThrow('is in use by process');
  });

  it('says why it does not start', async () => {
    const broken = { ...options, dataDir: join(folder, 'other'), pkiDir: join(folder, 'nothing') };
    await expect(startEmbeddedEtcd(broken)).rejects.toThrow(/etcd did not start in .*other: .+/);
  });
});
