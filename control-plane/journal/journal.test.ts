import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import { createFakeClock } from '../../machinery/clock.ts';
import { createLogger } from '../../machinery/logger.ts';
import { createMemoryStore } from '../store/index.ts';
import { createJournalReader } from './journal-reader.ts';
import { runJournalWriter } from './journal-writer.ts';

let folder: string;
let ending: AbortController;
let running: Promise<void> = Promise.resolve();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-journal-'));
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  await running;
  await rm(folder, { recursive: true });
});

const object = (kind: string, name: string, more: object = {}): KubernetesObject =>
  ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'default' }, ...more }) as unknown as KubernetesObject;
const key = (resource: string, name: string): string => `/registry/${resource}/default/${name}`;

/** A journal that is being written; `settle` resolves when everything so far is in its files. */
function journalOf(segmentBytes?: number, clock = createFakeClock(), sealedPrefixes?: string[]) {
  const store = createMemoryStore({ clock });
  const reader = createJournalReader(folder);
  const start = (): void => {
    const logger = createLogger('test');
    running = runJournalWriter(
      { store, folder, clock, logger, segmentBytes, sealedPrefixes, gatherMs: 0 },
      ending.signal,
    );
  };
  const settle = async (): Promise<void> => {
    const marker = await store.create(key('configmaps', `marker-${store.cachedRevision()}`), object('ConfigMap', 'm'));
    await expect.poll(async () => (await reader.versionsOf(marker.key, 1)).length, { timeout: 5000 }).toBe(1);
  };
  const stop = async (): Promise<void> => {
    ending.abort();
    await running;
    ending = new AbortController();
  };
  return { store, reader, clock, start, settle, stop };
}

describe('the journal', () => {
  it('tells what was there at a moment and what differs between two', async () => {
    const { store, reader, clock, start, settle } = journalOf();
    await store.create(key('pods', 'old'), object('Pod', 'old'));
    start();
    await settle();
    const first = clock.now();
    await clock.advance(60_000);
    const kept = await store.create(key('pods', 'new'), object('Pod', 'new'));
    await store.update(kept.key, object('Pod', 'new', { spec: { nodeName: 'a' } }), kept.revision);
    await store.delete(key('pods', 'old'));
    await settle();
    const deletedAt = clock.now();
    await clock.advance(60_000);
    await settle();

    const names = async (time: number): Promise<string[]> => [
      ...((await reader.stateAt(time, ['/registry/pods/'])) ?? new Map<string, unknown>()).keys(),
    ];
    expect(await names(first)).toEqual([key('pods', 'old')]);
    expect(await names(clock.now())).toEqual([key('pods', 'new')]);
    expect(await names(first - 1)).toEqual([]); // before there was a journal
    const changes = await reader.changesBetween(first, clock.now(), ['/registry/pods/']);
    expect(changes.map(({ key: of, change }) => [of, change])).toEqual([
      [key('pods', 'new'), 'added'],
      [key('pods', 'old'), 'removed'],
    ]);
    expect(changes[1]?.time).toBe(deletedAt);
    const versions = await reader.versionsOf(key('pods', 'new'), 10);
    expect(versions.map(({ text }) => text?.includes('nodeName'))).toEqual([false, true]);
  });

  it('goes on in new segments when one is full, and over a restart, losing nothing', async () => {
    const { store, reader, clock, start, settle, stop } = journalOf(20_000);
    start();
    await settle(); // a segment may be twice as large as what it opens with, so the first one opens with little
    const filler = 'x'.repeat(2000);
    const created: string[] = [];
    for (let index = 0; index < 30; index++) {
      const name = `p${index}`;
      created.push((await store.create(key('pods', name), object('Pod', name, { spec: { filler } }))).key);
      if (index % 10 === 9) await settle();
      await clock.advance(1000);
    }
    await stop();
    start();
    await settle();
    const { segments, gaps } = await reader.span(10);
    expect(segments).toBeGreaterThan(2);
    expect(gaps).toHaveLength(1); // the restart
    expect([...((await reader.stateAt(clock.now(), ['/registry/pods/'])) ?? []).keys()].sort()).toEqual(created.sort());
    expect(await reader.verify()).toMatchObject({ intact: true });
  });

  it('loses nothing that comes and goes while one segment is closed and the next one opened', async () => {
    const { store, reader, start, settle } = journalOf(20_000);
    start();
    await settle();
    const filler = 'x'.repeat(2000);
    const made: { key: string; revisions: number[] }[] = [];
    for (let index = 0; index < 60; index++) {
      const name = `p${index}`;
      const created = await store.create(key('pods', name), object('Pod', name, { spec: { filler } }));
      const gone = await store.delete(created.key);
      made.push({ key: created.key, revisions: [created.revision, gone.revision] });
      await sleep(2); // the writer keeps up and closes its segments while all this comes and goes
    }
    await settle();
    expect((await reader.span(1)).segments).toBeGreaterThan(4);
    expect((await reader.span(1)).gaps).toEqual([]);
    for (const { key: of, revisions } of made) {
      const versions = await reader.versionsOf(of, 10);
      expect(versions.map(({ revision }) => revision)).toEqual(revisions);
    }
    expect(await reader.verify()).toMatchObject({ intact: true });
  });

  it('is read while segments are packed and taken away', async () => {
    const { store, reader, start, settle } = journalOf(4_000);
    start();
    await settle();
    const filler = 'x'.repeat(500);
    let isOver = false;
    const writing = (async () => {
      for (let index = 0; index < 150; index++) {
        const created = await store.create(key('pods', `p${index}`), object('Pod', 'p', { spec: { filler } }));
        await store.delete(created.key);
        await sleep(1);
      }
      isOver = true;
    })();
    let reads = 0;
    for (; !isOver; reads++) {
      await reader.span(3);
      expect(await reader.verify()).toMatchObject({ intact: true });
    }
    await writing;
    await settle();
    expect(reads).toBeGreaterThan(3);
    expect((await reader.span(1)).segments).toBeGreaterThan(5);
  });

  it('takes no picture for whole that its writer did not finish', async () => {
    const { store, reader, clock, start, settle, stop } = journalOf();
    await store.create(key('pods', 'a'), object('Pod', 'a'));
    start();
    await settle();
    await stop();
    const [name = ''] = (await readdir(folder)).filter((one) => one.includes('.jsonl'));
    await clock.advance(60_000);
    // What a process leaves behind that is killed while it writes its picture.
    await writeFile(join(folder, `00000002-${clock.now()}.jsonl.opening`), '0 {"segment":2,');
    await clock.advance(60_000);
    const pods = async (): Promise<string[]> => [
      ...((await reader.stateAt(clock.now(), ['/registry/pods/'])) ?? new Map<string, unknown>()).keys(),
    ];
    expect(await pods()).toEqual([key('pods', 'a')]);
    start();
    await settle();
    expect(await pods()).toEqual([key('pods', 'a')]);
    expect((await readdir(folder)).filter((one) => one.endsWith('.opening'))).toEqual([]);
    expect((await readdir(folder)).some((one) => one.startsWith(name.slice(0, 8)))).toBe(true);
    expect(await reader.verify()).toMatchObject({ intact: true });
  });

  it('shows that a Secret changed and never what it holds', async () => {
    const { store, reader, start, settle } = journalOf();
    start();
    await settle();
    const applied = { 'kubectl.kubernetes.io/last-applied-configuration': 'c3dvcmRmaXNo' };
    const secret = (value: string): KubernetesObject => {
      const made = object('Secret', 's', { data: { password: value } });
      return { ...made, metadata: { ...made.metadata, annotations: applied } };
    };
    const first = await store.create(key('secrets', 's'), secret('c3dvcmRmaXNo'));
    await store.update(first.key, secret('b3RoZXI='), first.revision);
    await settle();
    const versions = await reader.versionsOf(first.key, 10);
    const values = versions.map(({ text }) => (JSON.parse(text ?? '') as { data: { password: string } }).data.password);
    expect(values).toEqual([expect.stringMatching(/^hmac-sha256:/), expect.stringMatching(/^hmac-sha256:/)]);
    expect(values[0]).not.toBe(values[1]);
    for (const name of await readdir(folder)) {
      const bytes = await readFile(join(folder, name));
      expect((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()).not.toContain('c3dvcmRmaXNo');
    }
  });

  it('keeps to itself what etcd seals', async () => {
    const { store, reader, start, settle } = journalOf(undefined, createFakeClock(), ['/registry/configmaps/']);
    start();
    const { key: of } = await store.create(
      key('configmaps', 'c'),
      object('ConfigMap', 'c', { data: { a: 'swordfish' }, immutable: true }),
    );
    await settle();
    const [version] = await reader.versionsOf(of, 1);
    expect(JSON.parse(version?.text ?? '')).toMatchObject({
      metadata: { name: 'c' },
      data: { a: expect.stringMatching(/^hmac-sha256:/) as string },
      immutable: expect.stringMatching(/^hmac-sha256:/) as string,
    });
  });

  it('leaves out heartbeats', async () => {
    const { store, reader, clock, start, settle } = journalOf();
    start();
    await store.create(key('leases', 'node-1'), object('Lease', 'node-1'));
    await settle();
    expect([...((await reader.stateAt(clock.now(), ['/registry/leases/'])) ?? []).keys()]).toEqual([]);
  });

  it.each([
    ['a changed word', (text: string) => text.replace('"name":"a"', '"name":"b"')],
    ['a line taken out', (text: string) => text.split('\n').toSpliced(1, 1).join('\n')],
    ['two lines changed over', (text: string) => text.replace(/^(.*)\n(.*)\n(.*)\n/, '$1\n$3\n$2\n')],
  ])('notices %s', async (_what, tamper) => {
    const { store, reader, start, settle, stop } = journalOf();
    start();
    await store.create(key('pods', 'a'), object('Pod', 'a'));
    await store.create(key('pods', 'c'), object('Pod', 'c'));
    await settle();
    await stop();
    const [name = ''] = (await readdir(folder)).filter((one) => one.includes('.jsonl'));
    const bytes = await readFile(join(folder, name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    const changed = tamper(text);
    expect(changed).not.toBe(text);
    await writeFile(join(folder, name), name.endsWith('.gz') ? gzipSync(changed) : changed);
    expect(await reader.verify()).toMatchObject({ intact: false, broken: { segment: 1 } });
  });
});
