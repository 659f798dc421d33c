import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../../../api/kinds/core/index.ts';
import type { PodLike } from './check.ts';
import { describeFaults, evaluate } from './evaluate.ts';
import { permissive, policyOf, type Standard } from './levels.ts';

const hardened = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

function pod(spec: object = {}, securityContext: object = hardened, annotations: Record<string, string> = {}): PodLike {
  return { annotations, spec: { containers: [{ name: 'c', securityContext }], ...spec } as unknown as PodSpec };
}
const baseline: Standard = { level: 'baseline', minor: Infinity };
const restricted: Standard = { level: 'restricted', minor: Infinity };
const at = (standard: Standard, minor: number): Standard => ({ ...standard, minor });
const told = (standard: Standard, one: PodLike): string => describeFaults(evaluate(standard, one));

describe('the levels', () => {
  it('finds nothing wrong with a hardened pod', () => {
    expect(evaluate(restricted, pod())).toEqual([]);
  });

  it('lets privileged do everything', () => {
    expect(evaluate({ level: 'privileged', minor: Infinity }, pod({ hostPID: true }, { privileged: true }))).toEqual(
      [],
    );
  });

  it.each<[string, PodLike, string]>([
    ['host namespaces', pod({ hostNetwork: true, hostIPC: true }), 'host namespaces (hostNetwork=true, hostIPC=true)'],
    [
      'privileged containers',
      pod({}, { privileged: true }),
      'privileged (container "c" must not set securityContext.privileged=true)',
    ],
    [
      'capabilities beyond the default',
      pod({}, { capabilities: { add: ['NET_RAW', 'CHOWN', 'BPF'] } }),
      'non-default capabilities (container "c" must not include "BPF", "NET_RAW" in securityContext.capabilities.add)',
    ],
    [
      'host paths',
      pod({
        volumes: [
          { name: 'a', hostPath: { path: '/' } },
          { name: 'b', hostPath: { path: '/' } },
        ],
      }),
      'hostPath volumes (volumes "a", "b")',
    ],
    [
      'host ports',
      pod({
        containers: [
          {
            name: 'x',
            ports: [
              { containerPort: 1, hostPort: 80 },
              { containerPort: 2, hostPort: 443 },
            ],
          },
        ],
      }),
      'hostPort (container "x" uses hostPorts 443, 80)',
    ],
    [
      'hosts of probes',
      pod({ containers: [{ name: 'x', livenessProbe: { httpGet: { host: '10.0.0.1', port: 1 } } }] }),
      'probe or lifecycle host (container "x" uses probe or lifecycle host "10.0.0.1")',
    ],
    [
      'unconfined AppArmor',
      pod({}, { appArmorProfile: { type: 'Unconfined' } }),
      'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")',
    ],
    [
      'unconfined AppArmor by annotation',
      pod({}, hardened, { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' }),
      'forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/c=\\"unconfined\\"")',
    ],
    [
      'SELinux users and types',
      pod({ securityContext: { seLinuxOptions: { user: 'u', type: 'spc_t' } } }),
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
    ],
    [
      'no seccomp',
      pod({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'unmasked /proc',
      pod({}, { procMount: 'Unmasked' }),
      'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'sysctls that reach beyond the pod',
      pod({
        securityContext: {
          sysctls: [
            { name: 'kernel.msgmax', value: '1' },
            { name: 'net.ipv4.tcp_rmem', value: '1' },
          ],
        },
      }),
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      'Windows host processes',
      pod({ securityContext: { windowsOptions: { hostProcess: true } } }),
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
  ])('baseline refuses %s, and so does restricted', (_title, one, expected) => {
    expect(told(baseline, one)).toBe(expected);
    expect(evaluate(restricted, one)).not.toEqual([]);
  });

  it('tells everything that a bare pod lacks, in upstream’s words and order', () => {
    expect(told(restricted, pod({}, {}))).toBe(
      'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });

  it.each<[string, PodLike, string]>([
    [
      'volume types that are not listed',
      pod({
        volumes: [
          { name: 'n', nfs: { server: 's', path: '/' } },
          { name: 'e', emptyDir: {} },
        ],
      }),
      'restricted volume types (volume "n" uses restricted volume type "nfs")',
    ],
    ['the root user', pod({ securityContext: { runAsUser: 0 } }), 'runAsUser=0 (pod must not set runAsUser=0)'],
    [
      'a container that undoes its pod',
      pod({ securityContext: { runAsNonRoot: true } }, { ...hardened, runAsNonRoot: false }),
      'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false)',
    ],
  ])('restricted refuses %s', (_title, one, expected) => {
    expect(told(restricted, one)).toBe(expected);
  });

  it('judges init and ephemeral containers too', () => {
    const bad = { name: 'x', securityContext: { privileged: true } };
    for (const field of ['initContainers', 'ephemeralContainers'])
      expect(told(baseline, pod({ [field]: [bad] }))).toContain('container "x"');
  });
});

describe('versions', () => {
  it('holds a check only from the version on that brought it', () => {
    const probing = pod({ containers: [{ name: 'x', livenessProbe: { tcpSocket: { host: 'h', port: 1 } } }] });
    expect(evaluate(at(baseline, 33), probing)).toEqual([]);
    expect(evaluate(at(baseline, 34), probing)).toHaveLength(1);
    const root = pod({ securityContext: { runAsUser: 0 } });
    expect(evaluate(at(restricted, 22), root)).toEqual([]);
    expect(evaluate(at(restricted, 23), root)).toHaveLength(1);
  });

  it('knows more safe sysctls in later versions', () => {
    const one = pod({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_keepalive_time', value: '1' }] } });
    expect([28, 29].map((minor) => evaluate(at(baseline, minor), one).length)).toEqual([1, 0]);
  });

  it('reads seccomp from annotations before 1.19', () => {
    const one = pod({}, {}, { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' });
    expect([18, 19].map((minor) => evaluate(at(baseline, minor), one).length)).toEqual([1, 0]);
  });

  it('asks less of Windows pods, and of pods in a user namespace, where that makes sense', () => {
    const windows = pod({ os: { name: 'windows' }, securityContext: { runAsNonRoot: true } }, {});
    expect([24, 25].map((minor) => evaluate(at(restricted, minor), windows).length > 0)).toEqual([true, false]);
    const mapped = pod({ hostUsers: false, securityContext: { runAsUser: 0, runAsNonRoot: false } });
    expect([34, 35].map((minor) => evaluate(at(restricted, minor), mapped).length > 0)).toEqual([true, false]);
  });
});

describe('the labels of a namespace', () => {
  const label = 'pod-security.kubernetes.io/';

  it('demands nothing without labels', () => {
    expect(policyOf(undefined, permissive)).toEqual({ policy: permissive, errors: [] });
  });

  it('warns by what it enforces, unless it says otherwise', () => {
    const { policy } = policyOf({ [`${label}enforce`]: 'baseline', [`${label}enforce-version`]: 'v1.30' }, permissive);
    expect(policy.enforce).toEqual({ level: 'baseline', minor: 30 });
    expect(policy.warn).toEqual({ level: 'baseline', minor: 30 });
    expect(policy.audit.level).toBe('privileged');
    const quiet = policyOf({ [`${label}enforce`]: 'baseline', [`${label}warn`]: 'privileged' }, permissive);
    expect(quiet.policy.warn.level).toBe('privileged');
  });

  it('fails closed for enforce, open for the rest', () => {
    const { policy, errors } = policyOf(
      { [`${label}enforce`]: 'strict', [`${label}audit`]: 'x', [`${label}warn-version`]: '1.2' },
      permissive,
    );
    expect(policy.enforce.level).toBe('restricted');
    expect(policy.audit.level).toBe('privileged');
    expect(policy.warn).toEqual({ level: 'privileged', minor: Infinity });
    expect(errors.map(({ path }) => path)).toEqual([
      `metadata.labels[${label}enforce]`,
      `metadata.labels[${label}audit]`,
      `metadata.labels[${label}warn-version]`,
    ]);
  });
});
