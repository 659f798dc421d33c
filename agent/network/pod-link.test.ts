import { describe, expect, it } from 'vitest';
import { hasAddress, hasDefaultRoute } from './pod-link.ts';

const routes = [
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
  'eth0\t00000000\t0101F40A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
  'eth0\t0101F40A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0',
].join('\n');
const trie = [
  'Main:',
  '  +-- 0.0.0.0/0 3 0 5',
  '     |-- 10.244.1.1',
  '        /32 link UNICAST',
  'Local:',
  '  +-- 0.0.0.0/0 3 0 5',
  '     |-- 10.244.1.7',
  '        /32 host LOCAL',
].join('\n');

describe('what the kernel says of a pod’s side', () => {
  it.each([
    ['10.244.1.1', true],
    ['10.244.1.2', false],
    ['1.1.244.10', false],
  ])('a way through %s: %s', (gateway, wanted) => {
    expect(hasDefaultRoute(routes, gateway)).toBe(wanted);
  });

  it.each([
    ['10.244.1.7', true],
    ['10.244.1.1', false],
    ['10.244.1.70', false],
  ])('%s as its own: %s', (address, wanted) => {
    expect(hasAddress(trie, address)).toBe(wanted);
  });
});
