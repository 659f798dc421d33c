import { describe, expect, it } from 'vitest';
import type { ServerParts } from '../parts.ts';
import { resolvePod, splitProxyName } from './proxy-targets.ts';

const podAt = (podIP: string): ServerParts =>
  ({
    reader: {
      get: async () => ({
        spec: { containers: [{ ports: [{ name: 'web', containerPort: 8080 }] }] },
        status: { podIP },
      }),
    },
  }) as unknown as ServerParts;
const resolve = (podIP: string, name = 'a'): ReturnType<typeof resolvePod> =>
  resolvePod(podAt(podIP), 'default', splitProxyName(name));

describe('what a proxied name means', () => {
  it("is the pod's address and the port by name, number or first declared", async () => {
    expect(await resolve('10.244.1.5')).toEqual({ host: '10.244.1.5', port: 8080, isTls: false });
    expect(await resolve('10.244.1.5', 'https:a:web')).toEqual({ host: '10.244.1.5', port: 8080, isTls: true });
    expect(await resolve('fd00::5', 'a:9')).toEqual({ host: 'fd00::5', port: 9, isTls: false });
  });

  it.each(['127.0.0.1', '169.254.169.254', '0.0.0.0', '224.0.0.1', '::1', '::', 'fe80::1', 'example.org'])(
    'is never %s: that is the machine itself, its link, or no address',
    async (address) => {
      await expect(resolve(address)).rejects.toMatchObject({ status: { code: 400, message: 'address not allowed' } });
    },
  );

  it.each(['198.18.0.7', '198.19.255.1'])('is nothing at %s: simulated pods have no network', async (address) => {
    await expect(resolve(address)).rejects.toMatchObject({ status: { code: 503 } });
  });
});
