import { describe, expect, it } from 'vitest';
import { blockElements } from './blocks.ts';

describe('ipBlocks as ranges', () => {
  it.each([
    ['one block', [{ cidr: '10.0.0.0/24' }], ['10.0.0.0-10.0.0.255']],
    ['a single address', [{ cidr: '10.0.0.7/32' }], ['10.0.0.7']],
    [
      'a hole in the middle',
      [{ cidr: '10.0.0.0/24', except: ['10.0.0.128/26'] }],
      ['10.0.0.0-10.0.0.127', '10.0.0.192-10.0.0.255'],
    ],
    ['holes at both ends', [{ cidr: '10.0.0.0/30', except: ['10.0.0.0/32', '10.0.0.3/32'] }], ['10.0.0.1-10.0.0.2']],
    ['nothing left', [{ cidr: '10.0.0.0/24', except: ['10.0.0.0/16'] }], []],
    ['overlapping blocks', [{ cidr: '10.0.0.0/24' }, { cidr: '10.0.0.128/24' }], ['10.0.0.0-10.0.0.255']],
    [
      'a hole that another block fills',
      [{ cidr: '10.0.0.0/24', except: ['10.0.0.0/25'] }, { cidr: '10.0.0.0/25' }],
      ['10.0.0.0-10.0.0.255'],
    ],
    ['everything', [{ cidr: '0.0.0.0/0' }], ['0.0.0.0-255.255.255.255']],
    ['IPv6 is nobody here', [{ cidr: 'fd00::/8' }], []],
  ])('%s', (_title, blocks, expected) => {
    expect(blockElements(blocks)).toEqual(expected);
  });
});
