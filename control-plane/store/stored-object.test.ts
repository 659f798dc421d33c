import { describe, expect, it } from 'vitest';
import { podNamed } from './contract-suite.ts';
import { encodeObject, isSameState, stampRevision, versionFromOwn, versionFromValue } from './stored-object.ts';

const parse = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8'));

describe('stored bytes', () => {
  it('hold no revision in etcd, and exactly one when served', () => {
    const value = encodeObject({ ...podNamed('a'), metadata: { ...podNamed('a').metadata, resourceVersion: '7' } });
    expect(value.toString()).not.toContain('resourceVersion');
    const served = stampRevision(value, 42);
    expect(parse(served)).toMatchObject({ metadata: { name: 'a', resourceVersion: '42' } });
    expect(served.toString().match(/resourceVersion/g)).toHaveLength(1);
  });

  it('of another hand are encoded anew, whatever their order and whatever revision they carry', () => {
    for (const text of [
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"3"}}',
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","resourceVersion":"3"}}',
      '{"apiVersion":"v1","kind":"Pod","metadata":{}}',
    ]) {
      expect(parse(stampRevision(Buffer.from(text), 9))).toMatchObject({
        kind: 'Pod',
        metadata: { resourceVersion: '9' },
      });
    }
  });

  it('keep a resourceVersion that is not their own', () => {
    const event = { ...podNamed('a'), involvedObject: { resourceVersion: '5' } };
    expect(parse(stampRevision(encodeObject(event), 9))).toMatchObject({
      metadata: { resourceVersion: '9' },
      involvedObject: { resourceVersion: '5' },
    });
  });

  it('are the same state under a later revision, when deleted', () => {
    const version = versionFromValue('/registry/pods/default/a', 9, encodeObject(podNamed('a', { note: 'ü' })));
    const deleted = version.at(123_456);
    expect(deleted.revision).toBe(123_456);
    expect(deleted.parse()).toEqual({
      ...version.parse(),
      metadata: { ...version.parse().metadata, resourceVersion: '123456' },
    });
  });

  it('know the node of a pod, and are not fooled by a label of that name', () => {
    const nodeOf = (pod: ReturnType<typeof podNamed>): string | undefined =>
      versionFromValue('/registry/pods/default/a', 1, encodeObject(pod)).nodeName;
    expect(nodeOf(podNamed('a', { nodeName: 'n1' }))).toBe('n1');
    const labelled = podNamed('a');
    labelled.metadata.labels = { nodeName: 'n2' };
    expect(nodeOf(labelled)).toBeUndefined();
  });

  it('are the same state when only the order of members differs', () => {
    const pod = podNamed('a', { note: 'x' });
    const version = versionFromValue('/registry/pods/default/a', 5, encodeObject(pod));
    const { name, ...rest } = pod.metadata;
    const reordered = { ...pod, metadata: { ...rest, name } };
    expect(isSameState(version, encodeObject(reordered))).toBe(true);
    const other = podNamed('a', { note: 'y' });
    expect(isSameState(version, encodeObject(other))).toBe(false);
  });

  it('of our own writing make the same version as bytes from etcd do', () => {
    const event = { ...podNamed('a', { nodeName: 'n1' }), involvedObject: { resourceVersion: '5' } };
    const value = encodeObject(event);
    const key = '/registry/pods/default/a';
    const own = versionFromOwn(key, 9, value, event);
    const read = versionFromValue(key, 9, value);
    expect([own.nodeName, own.bytes.toString()]).toEqual([read.nodeName, read.bytes.toString()]);
    expect(versionFromOwn('/registry/configmaps/default/a', 9, value, event).nodeName).toBeUndefined();
  });
});

describe('parsed values', () => {
  const version = versionFromValue('/registry/pods/default/a', 9, encodeObject(podNamed('a')));

  it('are shared within a turn, by those who ask again later, and never with parse()', async () => {
    const first = version.peek();
    expect(version.peek()).toBe(first);
    expect(version.parse()).not.toBe(first);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const second = version.peek();
    expect(second).toEqual(first);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(version.peek()).toBe(second);
  });
});
