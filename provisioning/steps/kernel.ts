// Kernel modules and parameters that pods and Services need. Values found are noted and put back; a module that was not
// loaded before is unloaded again where the kernel lets it go. In a container the modules are the host's affair.
import { machineStep, type MachineContext } from '../run/step.ts';
import { filesMatch, findFiles, type FoundFile, type OwnedFile, restoreFiles, writeFiles } from './files.ts';

const modules = ['overlay', 'br_netfilter'];
const parameters: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': '1',
  'net.bridge.bridge-nf-call-iptables': '1',
};

/** What makes them last beyond the next boot. */
export const kernelFiles: readonly OwnedFile[] = [
  { path: '/etc/modules-load.d/pilothouse.conf', content: `${modules.join('\n')}\n`, mode: 0o644 },
  {
    path: '/etc/sysctl.d/90-pilothouse.conf',
    content: Object.entries(parameters)
      .map(([name, value]) => `-${name} = ${value}\n`)
      .join(''),
    mode: 0o644,
  },
];

interface Found {
  readonly files: readonly FoundFile[];
  readonly parameters: Readonly<Record<string, string>>;
  /** Modules that were not loaded (nor built in). */
  readonly unloaded: readonly string[];
}

const loadedTest = (name: string): string =>
  `[ -d /sys/module/${name} ] || grep -q '^${name} ' /proc/modules 2>/dev/null`;

async function readParameters({ transport }: MachineContext): Promise<Record<string, string>> {
  const names = Object.keys(parameters);
  const output = await transport.run(
    names.map((name) => `cat /proc/sys/${name.replaceAll('.', '/')} 2>/dev/null || echo`).join('\n'),
  );
  const values = output.split('\n');
  return Object.fromEntries(names.map((name, index) => [name, (values[index] ?? '').trim()]));
}

export const kernelStep = machineStep<Found>({
  kind: 'kernel',
  async check(context) {
    const [match, values] = await Promise.all([filesMatch(context.transport, kernelFiles), readParameters(context)]);
    return match && Object.entries(parameters).every(([name, value]) => values[name] === value);
  },
  async record(context) {
    const [found, values, unloaded] = await Promise.all([
      findFiles(
        context.transport,
        kernelFiles.map((file) => file.path),
      ),
      readParameters(context),
      context.transport.run(modules.map((name) => `${loadedTest(name)} || echo ${name}`).join('\n') + '\ntrue'),
    ]);
    return { files: found, parameters: values, unloaded: unloaded.split('\n').filter(Boolean) };
  },
  async apply(context) {
    await writeFiles(context.transport, kernelFiles);
    const load = modules.map((name) => `modprobe ${name} 2>/dev/null || true`);
    const set = Object.entries(parameters).map(([name, value]) => `sysctl -q -w ${name}=${value}`);
    await context.transport.run(['set -e', ...load, ...set].join('\n'));
  },
  async revert(context, found) {
    await restoreFiles(context.transport, found.files);
    const set = Object.entries(found.parameters)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `sysctl -q -w ${name}=${value} || true`);
    const unload = found.unloaded.map((name) => `modprobe -r ${name} 2>/dev/null || true`);
    await context.transport.run([...set, ...unload, 'true'].join('\n'));
  },
});
