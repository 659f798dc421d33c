import { expect, it } from 'vitest';
import { machineRights } from './machine-rights.ts';

const status = (mask: string): string => `Name:\tagent\nCapEff:\t${mask}\nCapBnd:\t${mask}\n`;

it('gives everything on a machine that withholds nothing', () => {
  expect(machineRights(status('000001ffffffffff'), 40)).toEqual({ lowestOomScoreAdjust: -1000 });
});

it('names what is left where something is withheld', () => {
  const { lowestOomScoreAdjust, capabilities } = machineRights(status('000001fffeffffff'), 40);
  expect(lowestOomScoreAdjust).toBe(0);
  expect(capabilities).toHaveLength(40);
  expect(capabilities).not.toContain('CAP_SYS_RESOURCE');
  expect(capabilities).toContain('CAP_SYS_ADMIN');
});

it('asks for nothing that an older kernel does not have', () => {
  expect(machineRights(status('0000003fffffffff'), 37)).toEqual({ lowestOomScoreAdjust: -1000 });
});
