import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { pod } from '../../testing/pods.ts';
import { hostNetworkHostsFile, hostsFile, podHostname, resolvConf } from './name-files.ts';

const facts = {
  clusterDns: '10.96.0.10',
  clusterDomain: 'cluster.local',
  hostResolvConf: 'nameserver 192.0.2.1\nsearch site.example\noptions timeout:2\n',
};

describe('/etc/resolv.conf', () => {
  it.each<[string, Partial<Pod['spec']>, string]>([
    [
      'asks the cluster first',
      {},
      'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local site.example\noptions ndots:5\n',
    ],
    [
      'is the machine’s on its network',
      { hostNetwork: true },
      'nameserver 192.0.2.1\nsearch site.example\noptions timeout:2\n',
    ],
    [
      'asks the cluster on the machine’s network when told to',
      { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
      'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local site.example\noptions ndots:5\n',
    ],
    [
      'is the machine’s by policy',
      { dnsPolicy: 'Default' },
      'nameserver 192.0.2.1\nsearch site.example\noptions timeout:2\n',
    ],
    [
      'is only what the pod says by policy',
      {
        dnsPolicy: 'None',
        dnsConfig: { nameservers: ['192.0.2.9'], searches: ['a.example'], options: [{ name: 'edns0' }] },
      },
      'nameserver 192.0.2.9\nsearch a.example\noptions edns0\n',
    ],
    [
      'adds what the pod says',
      { dnsConfig: { options: [{ name: 'ndots', value: '2' }] } },
      'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local site.example\noptions ndots:2\n',
    ],
  ])('%s', (_title, spec, wanted) => {
    expect(resolvConf(pod(spec), facts)).toBe(wanted);
  });
});

describe('host names', () => {
  it.each<[Partial<Pod['spec']>, object]>([
    [{}, { hostname: 'web' }],
    [{ hostname: 'other' }, { hostname: 'other' }],
    [{ subdomain: 'group' }, { hostname: 'web', fqdn: 'web.group.default.svc.cluster.local' }],
    [
      { subdomain: 'group', setHostnameAsFQDN: true },
      { hostname: 'web.group.default.svc.cluster.local', fqdn: 'web.group.default.svc.cluster.local' },
    ],
  ])('%j', (spec, wanted) => {
    expect(podHostname(pod(spec), 'cluster.local')).toEqual(wanted);
  });

  it('are in /etc/hosts with the pod’s address and its aliases', () => {
    const text = hostsFile(
      pod({ subdomain: 'group', hostAliases: [{ ip: '192.0.2.5', hostnames: ['a', 'b'] }] }),
      ['10.1.0.2'],
      'cluster.local',
    );
    expect(text).toContain('10.1.0.2\tweb.group.default.svc.cluster.local\tweb\n');
    expect(text).toContain('192.0.2.5\ta\tb\n');
  });

  it('are the machine’s own on its network, with the aliases', () => {
    const text = hostNetworkHostsFile(
      pod({ hostAliases: [{ ip: '192.0.2.5', hostnames: ['a'] }] }),
      '127.0.0.1 localhost\n',
    );
    expect(text).toContain('127.0.0.1 localhost\n');
    expect(text).toContain('192.0.2.5\ta\n');
  });
});
