// Makes a machine at home at its site: proxies for apt and Docker, mirrors for packages and images, authorities that the site
// trusts. Every file is ours or put back as it was found; settings that are taken back are taken off the machine.
import { machineStep, type MachineContext } from '../run/step.ts';
import { noProxyOf } from '../site-settings.ts';
import { quote } from '../transport/shell.ts';
import {
  absentFolders,
  filesMatch,
  findFiles,
  type FoundFile,
  type OwnedFile,
  restoreFiles,
  writeFiles,
} from './files.ts';

const aptProxy = '/etc/apt/apt.conf.d/95pilothouse-site';
/** Sources of the site's own mirror; the packages step uses these alone where they are. */
export const siteSources = '/etc/apt/sources.list.d/pilothouse-site.list';
const dockerProxy = '/etc/systemd/system/docker.service.d/pilothouse-site.conf';
const daemon = '/etc/docker/daemon.json';
const mostAuthorities = 16;
const authority = (index: number): string => `/usr/local/share/ca-certificates/pilothouse-site-${index + 1}.crt`;
const paths = [
  aptProxy,
  siteSources,
  dockerProxy,
  ...Array.from({ length: mostAuthorities }, (_, index) => authority(index)),
];
const folders = ['/etc/docker', '/etc/systemd/system/docker.service.d', '/usr/local/share/ca-certificates'];

interface Found {
  readonly files: readonly FoundFile[];
  readonly daemon: FoundFile;
  readonly absent: readonly string[];
}

type Site = NonNullable<MachineContext['spec']['settings']['site']>;

/** The files that the site's settings ask for; a path of ours that is not among them shall be absent. Pure. */
export function siteFiles({ spec, facts }: Pick<MachineContext, 'spec' | 'facts'>): OwnedFile[] {
  const { site } = spec.settings;
  if (site === undefined) return [];
  const hasProxy = site.httpProxy !== undefined || site.httpsProxy !== undefined;
  const files: [string, string | undefined][] = [
    [aptProxy, hasProxy ? aptSettings(site, noProxyOf(spec)) : undefined],
    [siteSources, site.packageMirror === undefined ? undefined : sources(site.packageMirror, facts)],
    [dockerProxy, hasProxy ? dockerSettings(site, noProxyOf(spec)) : undefined],
    ...site.certificateAuthorities.map((pem, index): [string, string] => [authority(index), pem]),
  ];
  return files.flatMap(([path, content]) => (content === undefined ? [] : [{ path, content, mode: 0o644 }]));
}

/** apt knows hosts alone: networks and domains of the list are for Docker. */
function aptSettings({ httpProxy, httpsProxy }: Site, noProxy: readonly string[]): string {
  const hosts = noProxy.filter((host) => /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(host));
  return (['http', 'https'] as const)
    .flatMap((scheme) => {
      const proxy = scheme === 'http' ? httpProxy : httpsProxy;
      if (proxy === undefined) return [];
      return [
        `Acquire::${scheme}::Proxy "${proxy}";`,
        ...hosts.map((host) => `Acquire::${scheme}::Proxy::${host} "DIRECT";`),
      ];
    })
    .map((line) => `${line}\n`)
    .join('');
}

function dockerSettings({ httpProxy, httpsProxy }: Site, noProxy: readonly string[]): string {
  const variables = {
    ...(httpProxy === undefined ? {} : { HTTP_PROXY: httpProxy }),
    ...(httpsProxy === undefined ? {} : { HTTPS_PROXY: httpsProxy }),
    NO_PROXY: noProxy.join(','),
  };
  const lines = Object.entries(variables).map(
    ([name, value]) => `Environment="${name}=${value.replaceAll('%', '%%')}"\n`,
  );
  return `[Service]\n${lines.join('')}`;
}

function sources(mirror: string, { osId, osCodename }: MachineContext['facts']): string {
  const components = osId === 'ubuntu' ? 'main universe' : 'main';
  return `deb ${mirror} ${osCodename} ${components}\n`;
}

/** daemon.json with the mirrors in it, or without any where none are asked for; undefined when nothing is to be written. */
function withMirrors(present: string | undefined, mirrors: readonly string[]): string | undefined {
  const { 'registry-mirrors': had, ...rest } = (
    present === undefined || present.trim() === '' ? {} : JSON.parse(present)
  ) as Record<string, unknown>;
  if (JSON.stringify(had ?? []) === JSON.stringify(mirrors)) return undefined;
  const settings = mirrors.length === 0 ? rest : { ...rest, 'registry-mirrors': mirrors };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}

/** What is still to be done. */
async function due(context: MachineContext): Promise<{ files: boolean; stale: string[]; daemon: string | undefined }> {
  const wanted = siteFiles(context);
  const { transport, spec } = context;
  const mirrors = spec.settings.site?.imageMirrors ?? [];
  const [match, found, present] = await Promise.all([
    filesMatch(transport, wanted),
    findFiles(transport, paths),
    transport.readFile(daemon),
  ]);
  const stale = found.filter(
    ({ path, found: file }) => file !== undefined && !wanted.some((each) => each.path === path),
  );
  return { files: !match, stale: stale.map(({ path }) => path), daemon: withMirrors(present, mirrors) };
}

/** Makes what reads the files read them anew: the store of authorities, systemd, a Docker that runs. */
const takeUp = `if command -v update-ca-certificates >/dev/null; then update-ca-certificates --fresh >/dev/null 2>&1; fi
systemctl daemon-reload
if systemctl -q is-active docker; then systemctl restart docker; fi`;

export const siteStep = machineStep<Found>({
  kind: 'site',
  async check(context) {
    const { files, stale, daemon: settings } = await due(context);
    return !files && stale.length === 0 && settings === undefined;
  },
  async record({ transport }) {
    const [files, absent] = await Promise.all([
      findFiles(transport, [...paths, daemon]),
      absentFolders(transport, folders),
    ]);
    return { files: files.slice(0, -1), daemon: files.at(-1) ?? { path: daemon }, absent };
  },
  async apply(context) {
    const { stale, daemon: settings } = await due(context);
    const files = siteFiles(context);
    if (settings !== undefined) files.push({ path: daemon, content: settings, mode: 0o644 });
    await writeFiles(context.transport, files);
    const remove = stale.length === 0 ? '' : `rm -f ${stale.map(quote).join(' ')}\n`;
    await context.transport.run(`set -e\n${remove}${takeUp}`, { signal: context.signal, onOutput: context.log });
  },
  async revert({ transport, log }, found) {
    await restoreFiles(transport, [...found.files, found.daemon]);
    const remove = found.absent.map((folder) => `rmdir ${quote(folder)} 2>/dev/null || true`);
    await transport.run([...remove, takeUp].join('\n'), { onOutput: log });
  },
});
