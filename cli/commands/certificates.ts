// `pilothouse certificates list|renew|rotate-authority`: the certificate clock, and what winds it.
import type { Command } from 'commander';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { CommandError, formatTable, printJson, printLine } from '../output.ts';

interface CertificateFlags extends ClusterFlags {
  readonly machine?: string;
  readonly yes?: boolean;
}

const dayMs = 86_400_000;

async function list(flags: CertificateFlags): Promise<void> {
  const { listCertificates } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  const found = await withProgress((options) => listCertificates(spec, options));
  if (flags.json === true) return printJson(found);
  const rows = found.certificates.map(({ machine, file, subject, notAfterMs, age, state }) => [
    machine,
    file,
    subject,
    new Date(notAfterMs).toISOString().slice(0, 10),
    `${Math.floor((notAfterMs - Date.now()) / dayMs)} days`,
    `${Math.round(age * 100)} %`,
    state,
  ]);
  printLine(formatTable(['MACHINE', 'FILE', 'SUBJECT', 'ENDS', 'LEFT', 'AGE', ''], rows));
  for (const { machine, reason } of found.unreachable) printLine(`${machine} could not be asked: ${reason}`);
}

async function renew(flags: CertificateFlags): Promise<void> {
  const { renewCertificates } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  const machines = flags.machine?.split(',').filter(Boolean);
  const result = await withProgress((options) => renewCertificates(spec, { ...options, machines }));
  if (flags.json === true) printJson(result);
  else printLine(`New certificates are in use on ${result.machines.join(', ')}.`);
}

async function rotate(flags: CertificateFlags): Promise<void> {
  const { rotateAuthorities } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  if (flags.yes !== true) {
    const remedy = 'repeat the command with --yes; then import the new kubeconfig wherever the old one is used.';
    throw new CommandError(
      'Certificates and kubeconfigs that others hold of this cluster end with its authority.',
      remedy,
      { exitCode: 2 },
    );
  }
  const result = await withProgress((options) => rotateAuthorities(spec, options));
  if (flags.json === true) printJson(result);
  else printLine(`The authorities of ${spec.name} are new on ${result.machines.length} machines.`);
}

/** Adds `certificates` with its verbs. */
export function addCertificatesCommand(program: Command): void {
  const certificates = program
    .command('certificates')
    .description('show, renew and rotate the certificates of a cluster');
  const verb = (name: string, description: string): Command =>
    withClusterOptions(certificates.command(name).description(description));
  verb('list', 'every certificate with its end, the first to end at the top').action(list);
  verb('renew', 'issue certificates anew, without any restart (machines do it themselves at two thirds of a life)')
    .option('--machine <names>', 'only these machines, separated by commas')
    .action(renew);
  verb('rotate-authority', 'replace the authorities, with an overlap in which both are trusted')
    .option('--yes', 'do it')
    .action(rotate);
}
