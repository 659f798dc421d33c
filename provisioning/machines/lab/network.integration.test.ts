import { expect, test } from 'vitest';
import { requires } from '../../../test/support/requirements.ts';
import { runCommand } from '../../bundle/run-command.ts';
import { claimSubnet, removeNetwork, subnetOf } from './network.ts';

requires('root')('segments of labs', () => {
  test('labs that begin at once take different segments, and give them back', async () => {
    const numbers = await Promise.all(Array.from({ length: 5 }, claimSubnet));
    const held = (): Promise<string> => runCommand('ip', ['route', 'show', 'type', 'unreachable']);
    const subnets = numbers.map((subnetNumber) => `${subnetOf({ subnetNumber })} metric ${90_000 + subnetNumber}`);
    try {
      expect(new Set(numbers).size).toBe(5);
      for (const subnet of subnets) expect(await held()).toContain(subnet);
    } finally {
      for (const subnetNumber of numbers)
        await removeNetwork({ subnetNumber, podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' });
    }
    for (const subnet of subnets) expect(await held()).not.toContain(subnet);
  });
});
