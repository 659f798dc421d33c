// The steps on the console's own computer: authorities, the packed programs, the administrator's kubeconfig.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatClusterFile } from '../cluster-file.ts';
import { adminKubeconfig, authoritiesExist, ensureAuthorities } from '../pki/cluster-pki.ts';
import type { ConsoleStep } from '../run/step.ts';
import { runtimeIsPacked } from '../bundle/programs.ts';
import { cacheDir } from '../paths.ts';
import { archiveFor } from './programs.ts';

/** Certificate authorities and signing keys of the cluster. */
export const authorityStep: ConsoleStep = {
  kind: 'authority',
  check: ({ paths }) => Promise.resolve(authoritiesExist(paths.pkiDir)),
  apply: ({ spec, paths }) => ensureAuthorities(spec, paths.pkiDir),
};

/** Runtime and programs for every architecture among the machines. */
export const programsArchiveStep: ConsoleStep = {
  kind: 'programs-archive',
  check: ({ facts, options }) => {
    const architectures = new Set([...facts.values()].map((each) => each.arch));
    if (options.bundle !== undefined) return Promise.resolve(true);
    const cache = { cacheDir: cacheDir(options.cacheDir), nodePath: options.nodePath };
    return Promise.resolve(
      [...architectures].every((arch) =>
        runtimeIsPacked({ ...cache, nodePath: arch === 'amd64' ? cache.nodePath : undefined, arch }),
      ),
    );
  },
  async apply(cluster) {
    const architectures = new Set([...cluster.facts.values()].map((facts) => facts.arch));
    await Promise.all([...architectures].map((arch) => archiveFor({ cluster }, arch)));
  },
};

/** kubeconfig and cluster.yaml in the console's home. */
export const kubeconfigStep: ConsoleStep = {
  kind: 'kubeconfig',
  async check({ spec, paths }) {
    if (!existsSync(paths.kubeconfig) || !existsSync(paths.clusterFile)) return false;
    const [kubeconfig, clusterFile] = await Promise.all([
      readFile(paths.kubeconfig, 'utf8'),
      readFile(paths.clusterFile, 'utf8'),
    ]);
    return kubeconfig === (await adminKubeconfig(spec, paths.pkiDir)) && clusterFile === formatClusterFile(spec);
  },
  async apply({ spec, paths }) {
    await mkdir(dirname(paths.kubeconfig), { recursive: true, mode: 0o700 });
    await writeFile(paths.kubeconfig, await adminKubeconfig(spec, paths.pkiDir), { mode: 0o600 });
    await writeFile(paths.clusterFile, formatClusterFile(spec), { mode: 0o600 });
  },
};
