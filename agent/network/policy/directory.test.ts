import { describe, expect, it } from 'vitest';
import { makeNamespace, makePod } from '../../../test/support/network-objects.ts';
import { createPodDirectory } from './directory.ts';

describe('the pod directory', () => {
  it('keeps the members of a selector up to date pod by pod', () => {
    const directory = createPodDirectory();
    directory.putNamespace('a', makeNamespace('a', { team: 'x' }));
    const peer = { namespaces: { matchLabels: { team: 'x' } }, pods: { matchLabels: { app: 'web' } } };
    const addresses = (): string[] => [...directory.members(peer).values()].map(({ address }) => address);
    expect(addresses()).toEqual([]);
    const web = { nodeName: 'n', podIP: '10.0.0.1', labels: { app: 'web' } };
    directory.putPod('a/p', makePod('p', 'a', web));
    directory.putPod('b/p', makePod('p', 'b', { ...web, podIP: '10.0.0.2' }));
    expect(addresses()).toEqual(['10.0.0.1']);
    directory.putPod('a/p', makePod('p', 'a', { ...web, labels: {} }));
    expect(addresses()).toEqual([]);
    directory.putPod('a/p', makePod('p', 'a', web));
    directory.putPod('a/p', undefined);
    expect(addresses()).toEqual([]);
  });

  it('follows the labels of namespaces', () => {
    const directory = createPodDirectory();
    directory.putPod('b/p', makePod('p', 'b', { nodeName: 'n', podIP: '10.0.0.2' }));
    const peer = { namespaces: { matchLabels: { team: 'x' } } };
    expect(directory.members(peer).size).toBe(0);
    directory.putNamespace('b', makeNamespace('b', { team: 'x' }));
    expect(directory.members(peer).size).toBe(1);
    directory.putNamespace('b', undefined);
    expect(directory.members(peer).size).toBe(0);
  });
});
