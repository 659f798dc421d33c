import { describe, expect, it } from 'vitest';
import { makeSlice } from '../../test/support/network-objects.ts';
import type { TestEndpoint } from '../../test/support/network-objects.ts';
import { chooseEndpoints } from './endpoints.ts';

const node = { name: 'here', zone: 'z1' };
const choose = (...endpoints: TestEndpoint[]) => {
  const { cluster, local } = chooseEndpoints([makeSlice('s', [{ port: 8080 }], endpoints)], '', 'TCP', node);
  return { cluster: cluster.map(({ address }) => address), local: local.map(({ address }) => address) };
};

describe('choosing endpoints', () => {
  it('takes the ready ones, and those of this node for local policies', () => {
    expect(
      choose({ address: '1', nodeName: 'here' }, { address: '2', nodeName: 'there' }, { address: '3', ready: false }),
    ).toEqual({ cluster: ['1', '2'], local: ['1'] });
  });

  it('falls back to terminating endpoints that still serve only when none is ready', () => {
    const draining = { ready: false, serving: true, terminating: true };
    const dead = { ready: false, serving: false, terminating: true };
    expect(choose({ address: '1', ...draining }, { address: '2', ...dead }).cluster).toEqual(['1']);
    expect(choose({ address: '1', ...draining }, { address: '2' }).cluster).toEqual(['2']);
    // Locally there may be none ready although elsewhere there is.
    expect(choose({ address: '1', nodeName: 'here', ...draining }, { address: '2' }).local).toEqual(['1']);
  });

  it('keeps to its zone when every ready endpoint is hinted, and has one there', () => {
    const [a, b] = [
      { address: 'a', zones: ['z1'] },
      { address: 'b', zones: ['z2'] },
    ];
    expect(choose(a, b).cluster).toEqual(['a']);
    expect(choose(a, b, { address: 'c' }).cluster).toEqual(['a', 'b', 'c']);
    expect(choose(b).cluster).toEqual(['b']);
    expect(choose({ ...a, ready: false }, b).cluster).toEqual(['b']);
  });

  it('prefers this node when every ready endpoint says for which nodes it is', () => {
    const slice = makeSlice('s', [{ port: 1 }], [{ address: 'a' }, { address: 'b' }]);
    const endpoints = (slice.endpoints ?? []).map((endpoint, index) => ({
      ...endpoint,
      hints: { forNodes: [{ name: index === 0 ? 'here' : 'there' }] },
    }));
    const { cluster } = chooseEndpoints([{ ...slice, endpoints }], '', 'TCP', node);
    expect(cluster.map(({ address }) => address)).toEqual(['a']);
  });

  it('finds ports by name and protocol, over several slices, each endpoint once and in one order', () => {
    const slices = [
      makeSlice('s', [{ port: 53, name: 'dns', protocol: 'UDP' }], [{ address: 'b' }, { address: 'a' }]),
      makeSlice('s', [{ port: 53, name: 'dns', protocol: 'UDP' }], [{ address: 'a', ready: false }]),
      makeSlice('s', [{ port: 99, name: 'dns', protocol: 'TCP' }], [{ address: 'c' }]),
    ];
    expect(chooseEndpoints(slices, 'dns', 'UDP', node).cluster).toEqual([
      { address: 'a', port: 53, local: false },
      { address: 'b', port: 53, local: false },
    ]);
    expect(chooseEndpoints(slices, 'web', 'TCP', node).cluster).toEqual([]);
  });
});
