// systemd units of ours: written when different, started, and taken away again.
import type { MachineContext } from '../run/step.ts';
import type { Transport } from '../transport/contract.ts';
import { quote } from '../transport/shell.ts';
import { filesMatch, type OwnedFile, writeFiles } from './files.ts';

/** A service of ours; `name` without `.service`. */
export interface Unit {
  readonly name: string;
  readonly description: string;
  readonly command: readonly string[];
  readonly after: readonly string[];
  /** Further lines of the [Service] section. */
  readonly service: readonly string[];
}

/** The unit's file. */
export function formatUnit(unit: Unit): string {
  return `[Unit]
Description=${unit.description}
After=${['network-online.target', ...unit.after].join(' ')}
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${unit.command.map(systemdWord).join(' ')}
Restart=always
RestartSec=1
LimitNOFILE=1048576
TimeoutStopSec=20
${unit.service.join('\n')}

[Install]
WantedBy=multi-user.target
`;
}

/** Quotes for ExecStart: `%` is a specifier, `$` a variable there. */
function systemdWord(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[A-Za-z0-9_./:=@,%$-]+$/.test(escaped)
    ? escaped
    : `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Where the unit's file lies, and what is in it. */
export function unitFile(unit: Unit): OwnedFile {
  return { path: `/etc/systemd/system/${unit.name}.service`, content: formatUnit(unit), mode: 0o644 };
}

/** True when the unit's file is as wanted and the service runs, now and after the next boot. */
export async function unitRuns({ transport }: MachineContext, unit: Unit): Promise<boolean> {
  const [matches, { code }] = await Promise.all([
    filesMatch(transport, [unitFile(unit)]),
    transport.exec(`systemctl -q is-active ${unit.name} && systemctl -q is-enabled ${unit.name}`),
  ]);
  return matches && code === 0;
}

/**
 * Has systemd read its units anew only where it says that those named have changed: it reads a new unit when it is started,
 * and a reload runs every generator (a third of a second).
 */
export function reloadIfChanged(...units: readonly string[]): string {
  return `if systemctl show -p NeedDaemonReload --value ${units.join(' ')} | grep -q yes; then systemctl daemon-reload; fi`;
}

/** Has units start at boot; without the perl that tells SysV's run levels of it, and without a reload. */
export function enable(...units: readonly string[]): string {
  return `SYSTEMCTL_SKIP_SYSV=1 systemctl -q enable --no-reload ${units.join(' ')}`;
}

/** Writes, enables and (re)starts the unit without waiting for it. */
export async function startUnit({ transport }: MachineContext, unit: Unit): Promise<void> {
  const { name } = unit;
  const after = `${reloadIfChanged(name)}; ${enable(name)}; systemctl restart --no-block ${name}`;
  await writeFiles(transport, [unitFile(unit)], { after });
}

/**
 * Runs `start` at once where the service does not run yet, else after every other machine's restart of the same service:
 * a service that is up is never restarted on two machines at a time.
 */
export async function oneByOne(
  { transport, cluster }: MachineContext,
  name: string,
  start: () => Promise<void>,
): Promise<void> {
  const runs = (await transport.exec(`systemctl -q is-active ${name}`)).code === 0;
  return runs ? cluster.serially(`restart ${name}`, start) : start();
}

/**
 * Waits until systemd calls the unit active and, where a `port` is given, its main process listens on it. Fails with the end
 * of its log when time is up, or as soon as it has ended `mostEnds` times: a version that does not start, a setting it refuses.
 */
export async function waitActive(
  { transport, signal }: MachineContext,
  name: string,
  { seconds, port, mostEnds }: { readonly seconds: number; readonly port?: number; readonly mostEnds?: number },
): Promise<void> {
  const listens =
    port === undefined
      ? 'true'
      : `ss -Hltnp 'sport = :${port}' | grep -q "pid=$(systemctl show -p MainPID --value ${name}),"`;
  await transport.run(
    `ends() { systemctl show -p NRestarts --value ${name}; }
before=$(ends); i=0
until systemctl -q is-active ${name} && ${listens}; do i=$((i+1))
if [ $i -ge ${seconds * 5} ] || [ $(($(ends) - before)) -ge ${mostEnds ?? 1_000_000} ]; then journalctl -u ${name} -n 15 --no-pager -o cat >&2; exit 1; fi
sleep 0.2; done`,
    { signal },
  );
}

/** The end of a unit's log, for error messages. */
export function unitLog({ transport }: MachineContext, name: string): Promise<string> {
  return unitLogOf(transport, name);
}

/** The same on a machine outside a run. */
export async function unitLogOf(transport: Transport, name: string): Promise<string> {
  return (await transport.exec(`journalctl -u ${quote(name)} -n 15 --no-pager -o cat`)).stdout;
}

/** Stops and removes the unit. */
export async function removeUnit({ transport }: MachineContext, name: string): Promise<void> {
  await transport.run(`systemctl -q disable --now ${name} 2>/dev/null || true
rm -f /etc/systemd/system/${name}.service /etc/systemd/system/${name}.service.unfinished; systemctl daemon-reload; systemctl reset-failed ${name} 2>/dev/null || true`);
}
