import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import { container, pod } from '../../testing/pods.ts';
import { containerResources } from './resources.ts';
import { containerSecurity } from './security.ts';

const facts = { imageUser: '', seccompFolder: '/profiles', apparmor: true, volumeGroups: [] };
const of = (spec: Partial<Pod['spec']>, own: Container['securityContext'], imageUser = '') =>
  containerSecurity(pod(spec), container('app', { securityContext: own }), { ...facts, imageUser });

describe('a container’s rights', () => {
  it.each<[string, Partial<Pod['spec']>, Container['securityContext'], object]>([
    ['are Docker’s own by default', {}, {}, { privileged: false, noNewPrivileges: false, seccomp: 'default' }],
    ['take the pod’s user', { securityContext: { runAsUser: 5, runAsGroup: 6 } }, {}, { user: '5:6' }],
    ['take its own user first', { securityContext: { runAsUser: 5 } }, { runAsUser: 7 }, { user: '7' }],
    ['keep the image’s user with another group', { securityContext: { runAsGroup: 6 } }, {}, { user: '0:6' }],
    [
      'have the pod’s groups',
      { securityContext: { fsGroup: 9, supplementalGroups: [8] } },
      {},
      { supplementalGroups: [8, 9] },
    ],
    ['may not grow', {}, { allowPrivilegeEscalation: false }, { noNewPrivileges: true }],
    [
      'name capabilities as Docker does',
      {},
      { capabilities: { add: ['CAP_NET_ADMIN'], drop: ['all'] } },
      { addCapabilities: ['NET_ADMIN'], dropCapabilities: ['ALL'] },
    ],
    ['are everything when privileged', {}, { privileged: true }, { privileged: true, seccomp: 'unconfined' }],
    [
      'follow a local profile',
      { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'a/b.json' } } },
      {},
      { seccomp: '/profiles/a/b.json' },
    ],
  ])('%s', (_title, spec, own, wanted) => {
    expect(of(spec, own)).toMatchObject(wanted);
  });

  it.each<[string, Container['securityContext'], string, RegExp]>([
    ['root by number', { runAsNonRoot: true, runAsUser: 0 }, '', /breaks non-root policy/],
    ['the image’s root', { runAsNonRoot: true }, '', /image will run as root/],
    ['a user known by name only', { runAsNonRoot: true }, 'app', /cannot verify user is non-root/],
    [
      'a profile outside its folder',
      { seccompProfile: { type: 'Localhost', localhostProfile: '../x' } },
      '',
      /relative path/,
    ],
  ])('refuse %s', (_title, own, imageUser, message) => {
    expect(() => of({}, own, imageUser)).toThrow(message);
  });

  it('accept an image that is not root', () => {
    expect(() => of({}, { runAsNonRoot: true }, '1000:1000')).not.toThrow();
  });
});

describe('a container’s limits', () => {
  const limits = (resources: Container['resources']) =>
    containerResources(pod(), container('app', { resources }), { machineMemoryBytes: 8 * 1024 ** 3 });
  it.each<[Container['resources'], object]>([
    [undefined, { cpuShares: 2 }],
    [{ requests: { cpu: '500m' } }, { cpuShares: 512 }],
    [{ limits: { cpu: '2' } }, { cpuShares: 2048, cpuQuotaMicros: 200_000, cpuPeriodMicros: 100_000 }],
    [{ limits: { cpu: '1m' } }, { cpuQuotaMicros: 1000 }],
    [{ limits: { memory: '64Mi' } }, { memoryBytes: 64 * 1024 * 1024 }],
  ])('of %j', (resources, wanted) => {
    expect(limits(resources)).toMatchObject(wanted);
  });
});
