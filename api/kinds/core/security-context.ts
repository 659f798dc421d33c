// What pods and containers may do.
import { atomicList, boolean, define, int64, oneOf, required, string } from '../../schema/vocabulary.ts';

export class AppArmorProfile extends define(
  'io.k8s.api.core.v1.AppArmorProfile',
  {
    localhostProfile: string,
    type: required(oneOf('Localhost', 'RuntimeDefault', 'Unconfined')),
  },
  { union: { discriminator: 'type', members: { localhostProfile: 'LocalhostProfile' } } },
) {}

export class Capabilities extends define('io.k8s.api.core.v1.Capabilities', {
  add: atomicList(string),
  drop: atomicList(string),
}) {}

export class SELinuxOptions extends define('io.k8s.api.core.v1.SELinuxOptions', {
  level: string,
  role: string,
  type: string,
  user: string,
}) {}

export class SeccompProfile extends define(
  'io.k8s.api.core.v1.SeccompProfile',
  {
    localhostProfile: string,
    type: required(oneOf('Localhost', 'RuntimeDefault', 'Unconfined')),
  },
  { union: { discriminator: 'type', members: { localhostProfile: 'LocalhostProfile' } } },
) {}

export class Sysctl extends define('io.k8s.api.core.v1.Sysctl', {
  name: required(string),
  value: required(string),
}) {}

export class WindowsSecurityContextOptions extends define('io.k8s.api.core.v1.WindowsSecurityContextOptions', {
  gmsaCredentialSpec: string,
  gmsaCredentialSpecName: string,
  hostProcess: boolean,
  runAsUserName: string,
}) {}

export class PodSecurityContext extends define('io.k8s.api.core.v1.PodSecurityContext', {
  appArmorProfile: AppArmorProfile,
  fsGroup: int64,
  fsGroupChangePolicy: oneOf('Always', 'OnRootMismatch'),
  runAsGroup: int64,
  runAsNonRoot: boolean,
  runAsUser: int64,
  seLinuxChangePolicy: string,
  seLinuxOptions: SELinuxOptions,
  seccompProfile: SeccompProfile,
  supplementalGroups: atomicList(int64),
  supplementalGroupsPolicy: oneOf('Merge', 'Strict'),
  sysctls: atomicList(Sysctl),
  windowsOptions: WindowsSecurityContextOptions,
}) {}

export class SecurityContext extends define('io.k8s.api.core.v1.SecurityContext', {
  allowPrivilegeEscalation: boolean,
  appArmorProfile: AppArmorProfile,
  capabilities: Capabilities,
  privileged: boolean,
  procMount: oneOf('Default', 'Unmasked'),
  readOnlyRootFilesystem: boolean,
  runAsGroup: int64,
  runAsNonRoot: boolean,
  runAsUser: int64,
  seLinuxOptions: SELinuxOptions,
  seccompProfile: SeccompProfile,
  windowsOptions: WindowsSecurityContextOptions,
}) {}
