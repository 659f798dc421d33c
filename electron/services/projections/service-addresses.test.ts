import { expect, it } from 'vitest';
import type { NodeRow } from '../../../api/console/index.ts';
import type { Service } from '../../../api/kinds/core/index.ts';
import { serviceAddresses } from './service-addresses.ts';

const node = (name: string, address: string, state = 'ready'): NodeRow => ({ name, address, state }) as NodeRow;
const service = (name: string, spec: object, status: object = {}): Service =>
  ({ metadata: { name, namespace: 'shop' }, spec, status }) as unknown as Service;
const nodes = [node('w-10', '10.0.0.10'), node('w-1', '10.0.0.1', 'notReady'), node('w-2', '10.0.0.2')];
const labels = { app: 'web', tier: 'front' };

it('names the services that take the pods, with their ways inside and outside', () => {
  const services = [
    service('open', { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort: 30080 }] }),
    service(
      'balanced',
      { type: 'LoadBalancer', selector: { tier: 'front' }, ports: [{ port: 443, nodePort: 30443 }] },
      { loadBalancer: { ingress: [{ ip: '10.0.0.200' }] } },
    ),
    service('inner', { selector: labels, clusterIP: 'None', ports: [{ port: 8080 }] }),
    service('other', { selector: { app: 'api' }, ports: [{ port: 80 }] }),
    service('bare', { ports: [{ port: 80 }] }),
  ];
  expect(serviceAddresses(services, labels, nodes)).toEqual([
    {
      name: 'balanced',
      type: 'LoadBalancer',
      inside: ['balanced.shop:443'],
      outside: ['10.0.0.200:443', '10.0.0.2:30443'],
    },
    { name: 'inner', type: 'Headless', inside: ['inner.shop:8080'], outside: [] },
    { name: 'open', type: 'NodePort', inside: ['open.shop:80'], outside: ['10.0.0.2:30080'] },
  ]);
});

it('writes addresses of IPv6 in brackets, and offers no node port while no machine is ready', () => {
  const open = service('open', { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort: 30080 }] });
  expect(serviceAddresses([open], labels, [node('w', 'fd00::1')])[0]?.outside).toEqual(['[fd00::1]:30080']);
  expect(serviceAddresses([open], labels, [node('w', '10.0.0.1', 'unknown')])[0]?.outside).toEqual([]);
});
