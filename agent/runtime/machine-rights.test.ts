import { expect, it } from 'vitest';
import { machineRights } from './machine-rights.ts';

const status = (mask: string): string => `Name:\tagent\nCapEff:\t${mask}\nCapBnd:\t${mask}\n`;

it('gives everything on a machine that withholds nothing', () => {
  expect(machineRights(status('000001ffffffffff'), 40)).toEqual({ lowestOomScoreAdjust: -1000, withheld: [] });
});

it('names what is withheld', () => {
  const withheld = ['CAP_SYS_RESOURCE'];
  expect(machineRights(status('000001fffeffffff'), 40)).toEqual({ lowestOomScoreAdjust: 0, withheld });
});

it('asks for nothing that an older kernel does not have', () => {
  expect(machineRights(status('0000003fffffffff'), 37)).toEqual({ lowestOomScoreAdjust: -1000, withheld: [] });
});
