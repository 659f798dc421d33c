// Where a pod's files are on this machine. Pure. Everything of a pod is under one folder named by its uid.
import { join } from 'node:path';

export interface PodPaths {
  readonly root: string;
  readonly hosts: string;
  readonly resolvConf: string;
  readonly hostname: string;
  /** What the pod was given to run with. */
  readonly allocation: string;
  readonly volumes: string;
  readonly subPaths: string;
  volume(name: string): string;
  terminationMessage(container: string, attempt: number): string;
}

/** The folder of all pods. */
export function podsFolder(dataDir: string): string {
  return join(dataDir, 'pods');
}

export function podPaths(dataDir: string, podUid: string): PodPaths {
  const root = join(podsFolder(dataDir), podUid);
  return {
    root,
    hosts: join(root, 'hosts'),
    resolvConf: join(root, 'resolv.conf'),
    hostname: join(root, 'hostname'),
    allocation: join(root, 'allocation.json'),
    volumes: join(root, 'volumes'),
    subPaths: join(root, 'subpaths'),
    volume: (name) => join(root, 'volumes', name),
    terminationMessage: (container, attempt) => join(root, 'containers', container, `${attempt}.message`),
  };
}
