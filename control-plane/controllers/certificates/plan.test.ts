import { expect, it } from 'vitest';
import type { CertificateSigningRequest } from '../../../api/kinds/certificates/index.ts';
import { approvesItself } from './plan.ts';

const serving = 'kubernetes.io/kubelet-serving';
const client = 'kubernetes.io/kube-apiserver-client-kubelet';
const request = (signerName: string, username = 'system:node:n1'): CertificateSigningRequest =>
  ({
    metadata: { name: 'r' },
    spec: {
      signerName,
      username,
      groups: ['system:nodes'],
      usages: ['digital signature', signerName === serving ? 'server auth' : 'client auth'],
    },
  }) as unknown as CertificateSigningRequest;
const names = (dnsNames: string[], ipAddresses: string[] = []) => ({
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames,
  ipAddresses,
});
const node = ['n1', '10.0.0.1'];

it.each([
  ['its client certificate', request(client), names([]), true],
  ['another node’s client certificate', request(client, 'system:node:n2'), names([]), false],
  ['a serving certificate for itself', request(serving), names(['n1'], ['10.0.0.1']), true],
  ['a serving certificate for another address', request(serving), names(['n1'], ['10.0.0.2']), false],
  ['a serving certificate for another name', request(serving), names(['kubernetes.default']), false],
  ['a serving certificate in another’s name', request(serving, 'system:node:n2'), names(['n1']), false],
])('a node that asks for %s', (_title, asked, wanted, approved) => {
  expect(approvesItself(asked, wanted, node)).toBe(approved);
});
