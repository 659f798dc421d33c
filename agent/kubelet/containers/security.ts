// A container's kernel rights from the pod's and its own security context. Pure, but for the image's user, which is given.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import type { ContainerSecurity } from '../../runtime/container-runtime.ts';
import { ConfigurationError } from './environment.ts';

export interface SecurityFacts {
  /** The user named by the image: a number, a name, or empty for root. */
  readonly imageUser: string;
  /** Folder of `Localhost` seccomp profiles. */
  readonly seccompFolder: string;
  readonly apparmor: boolean;
  /** Groups of the pod's volumes. */
  readonly volumeGroups: readonly number[];
}

export function containerSecurity(pod: Readonly<Pod>, container: Container, facts: SecurityFacts): ContainerSecurity {
  const podContext = pod.spec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const runAsUser = own.runAsUser ?? podContext.runAsUser;
  const runAsGroup = own.runAsGroup ?? podContext.runAsGroup;
  if (own.runAsNonRoot ?? podContext.runAsNonRoot) refuseRoot(container, runAsUser, facts.imageUser);
  const user = userOf(runAsUser, runAsGroup, facts.imageUser);
  const { fsGroup, supplementalGroups = [] } = podContext;
  const groups = [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup]), ...facts.volumeGroups];
  const seccomp = own.seccompProfile ?? podContext.seccompProfile;
  const apparmor = own.appArmorProfile ?? podContext.appArmorProfile;
  const seLinux = own.seLinuxOptions ?? podContext.seLinuxOptions;
  const privileged = own.privileged ?? false;
  return {
    ...(user !== undefined && { user }),
    supplementalGroups: [...new Set(groups)],
    privileged,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    addCapabilities: (own.capabilities?.add ?? []).map(capability),
    dropCapabilities: (own.capabilities?.drop ?? []).map(capability),
    seccomp:
      seccomp?.type === 'Unconfined' || privileged
        ? 'unconfined'
        : seccomp?.type === 'Localhost'
          ? `${facts.seccompFolder}/${safeProfile(seccomp.localhostProfile)}`
          : 'default',
    ...(facts.apparmor && apparmor?.type === 'Localhost' && { apparmor: apparmor.localhostProfile ?? '' }),
    ...(facts.apparmor && apparmor?.type === 'Unconfined' && { apparmor: 'unconfined' }),
    unmaskedProc: own.procMount === 'Unmasked',
    ...(seLinux !== undefined && { seLinux }),
  };
}

function userOf(user: number | undefined, group: number | undefined, imageUser: string): string | undefined {
  if (group === undefined) return user === undefined ? undefined : String(user);
  const [named] = imageUser.split(':');
  return `${user ?? (named === undefined || named === '' ? '0' : named)}:${group}`;
}

function refuseRoot(container: Container, runAsUser: number | undefined, imageUser: string): void {
  const { name, image } = container;
  if (runAsUser === 0)
    throw new ConfigurationError(`container's runAsUser breaks non-root policy (container: ${name})`);
  if (runAsUser !== undefined) return;
  const [user = ''] = imageUser.split(':');
  if (user === '' || Number(user) === 0) {
    throw new ConfigurationError(
      `container has runAsNonRoot and image will run as root (container: ${name}, image: ${image})`,
    );
  }
  if (!/^\d+$/.test(user)) {
    throw new ConfigurationError(
      `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root (container: ${name})`,
    );
  }
}

function capability(name: string): string {
  return name.replace(/^CAP_/i, '').toUpperCase();
}

function safeProfile(path: string | undefined): string {
  if (path === undefined || path === '' || path.startsWith('/') || path.split('/').includes('..')) {
    throw new ConfigurationError(`localhostProfile must be a relative path without "..": ${path ?? ''}`);
  }
  return path;
}
