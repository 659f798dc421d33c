import { describe, expect, it } from 'vitest';
import { seriesOf } from './series-of.ts';

const isOf = (kind: string, name: string, series: string, container?: string): boolean =>
  seriesOf({ kind, namespace: 'shop', name, container })(series);

describe('the series of', () => {
  it.each([
    ['Deployment', 'web', 'pod/shop/web-7d9f8c6b5-x2x4z', true],
    ['Deployment', 'web', 'pod/shop/web-api-7d9f8c6b5-x2x4z', false],
    ['Deployment', 'web', 'pod/other/web-7d9f8c6b5-x2x4z', false],
    ['Deployment', 'web', 'container/shop/web-7d9f8c6b5-x2x4z/app', false],
    ['Deployment', 'a.b', 'pod/shop/axb-7d9f8c6b5-x2x4z', false],
    ['Deployment', 'x'.repeat(60), `pod/shop/${'x'.repeat(58)}x2x4z`, true],
    ['StatefulSet', 'db', 'pod/shop/db-0', true],
    ['StatefulSet', 'db', 'pod/shop/db-0-x2x4z', false],
    ['DaemonSet', 'log', 'pod/shop/log-x2x4z', true],
    ['Job', 'sum', 'pod/shop/sum-3-x2x4z', true],
    ['Job', 'sum', 'pod/shop/sum-x2x4z', true],
    ['Node', 'n1', 'node/n1', true],
    ['Node', 'n1', 'node/n10', false],
    ['Pod', 'web-1', 'pod/shop/web-1', true],
  ])('%s %s: %s is %s', (kind, name, series, is) => {
    expect(isOf(kind, name, series)).toBe(is);
  });

  it('one container of a pod is that one', () => {
    expect(isOf('Pod', 'p', 'container/shop/p/app', 'app')).toBe(true);
    expect(isOf('Pod', 'p', 'pod/shop/p', 'app')).toBe(false);
  });

  it('nothing is refused', () => {
    expect(() => isOf('Service', 'web', '')).toThrow(/kind must be Node, Pod or one of Deployment/);
    expect(() => isOf('Pod', '../x', '')).toThrow(/is no name/);
  });
});
