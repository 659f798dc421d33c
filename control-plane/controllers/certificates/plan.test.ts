import { describe, expect, it } from 'vitest';
import type { CertificateSigningRequest } from '../../../api/kinds/certificates/index.ts';
import { metaOf } from '../testing/fixtures.ts';
import type { RequestedNames } from './plan.ts';
import { approvesItself } from './plan.ts';

/** What the Node object tells of itself. */
const own = ['n1', '10.0.0.5'];

function request(signer: string, usage: string, spec: object = {}): CertificateSigningRequest {
  return {
    metadata: metaOf('csr'),
    spec: {
      signerName: `kubernetes.io/${signer}`,
      usages: ['digital signature', usage],
      username: 'system:node:n1',
      groups: ['system:nodes'],
      ...spec,
    },
  } as unknown as CertificateSigningRequest;
}
const names = (more: Partial<RequestedNames> = {}): RequestedNames => ({
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames: [],
  ipAddresses: [],
  ...more,
});

describe('a serving certificate', () => {
  const serving = request('kubelet-serving', 'server auth');
  it.each<[string, CertificateSigningRequest, RequestedNames, boolean]>([
    ["of the node's own name and address", serving, names({ dnsNames: ['n1'], ipAddresses: ['10.0.0.5'] }), true],
    ["of another's address", serving, names({ ipAddresses: ['10.0.0.5', '10.0.0.6'] }), false],
    ["of another's name", serving, names({ dnsNames: ['kubernetes.default.svc'] }), false],
    [
      'asked for by another node',
      request('kubelet-serving', 'server auth', { username: 'system:node:n2' }),
      names({ dnsNames: ['n1'] }),
      false,
    ],
    [
      'asked for by a person',
      request('kubelet-serving', 'server auth', { groups: ['developers'] }),
      names({ dnsNames: ['n1'] }),
      false,
    ],
  ])('%s is approved: %s', (_, one, asked, expected) => {
    expect(approvesItself(one, asked, own)).toBe(expected);
  });

  it('waits for a node that is not there yet', () => {
    expect(approvesItself(serving, names({ dnsNames: ['n1'] }), [])).toBe(false);
  });
});

it('a client certificate is approved for the node itself and for a machine that joins, for nobody else', () => {
  const client = (spec: object = {}) => request('kube-apiserver-client-kubelet', 'client auth', spec);
  expect(approvesItself(client(), names(), own)).toBe(true);
  expect(
    approvesItself(client({ username: 'system:bootstrap:abc', groups: ['system:bootstrappers'] }), names(), own),
  ).toBe(true);
  expect(approvesItself(client({ username: 'system:node:n2' }), names(), own)).toBe(false);
  expect(approvesItself(client(), names({ organizations: ['system:masters'] }), own)).toBe(false);
});
