import { expect, it } from 'vitest';
import { advertisedAddress, clientUrl, parseListen, serviceAddress, servingNames } from './addresses.ts';
import { parseControlPlaneFlags } from './flags.ts';

it('parses listen addresses', () => {
  expect(parseListen('127.0.0.1:6443')).toEqual({ host: '127.0.0.1', port: 6443 });
  expect(parseListen('[::1]:0')).toEqual({ host: '::1', port: 0 });
  expect(parseListen(':6443')).toEqual({ host: '', port: 6443 });
  for (const text of ['6443', 'a:b', 'host:99999']) expect(() => parseListen(text)).toThrow('--listen takes HOST:PORT');
});

it('counts addresses of a range across bytes', () => {
  expect(serviceAddress('10.96.0.0/16', 1)).toBe('10.96.0.1');
  expect(serviceAddress('10.96.0.0/16', 258)).toBe('10.96.1.2');
  expect(serviceAddress('fd00:1::/112', 10)).toBe('fd00:1::a');
});

it('advertises no loopback address, and names the service address in the certificate', () => {
  const local = parseControlPlaneFlags(['--data-dir=/d', '--memory', '--listen=127.0.0.1:6443']);
  expect(advertisedAddress(local)).toBeUndefined();
  expect(servingNames(local)).toContain('10.96.0.1');
  const open = { ...local, listen: '0.0.0.0:6443', advertiseAddress: '10.0.0.7' };
  expect(advertisedAddress(open)).toBe('10.0.0.7');
  expect(clientUrl(open, 'https://0.0.0.0:7777')).toBe('https://10.0.0.7:7777');
});
