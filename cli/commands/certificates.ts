// `pilothouse certificates list|renew|rotate-authority`: the certificate clock, and what winds it.
import type { Command } from 'commander';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { commandError, sentence, tell } from '../text.ts';

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
    sentence('certificates.days', { count: Math.floor((notAfterMs - Date.now()) / dayMs) }),
    `${Math.round(age * 100)} %`,
    state,
  ]);
  printLine(
    formatTable(
      [
        sentence('table.machine'),
        sentence('table.file'),
        sentence('table.subject'),
        sentence('table.ends'),
        sentence('table.left'),
        sentence('table.age'),
        '',
      ],
      rows,
    ),
  );
  for (const { machine, reason } of found.unreachable) tell('certificates.unreachable', { machine, reason });
}

async function renew(flags: CertificateFlags): Promise<void> {
  const { renewCertificates } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  const machines = flags.machine?.split(',').filter(Boolean);
  const result = await withProgress((options) => renewCertificates(spec, { ...options, machines }));
  if (flags.json === true) printJson(result);
  else tell('certificates.renewed', { names: result.machines.join(', ') });
}

async function rotate(flags: CertificateFlags): Promise<void> {
  const { rotateAuthorities } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  if (flags.yes !== true) throw commandError('certificates.sure');
  const result = await withProgress((options) => rotateAuthorities(spec, options));
  if (flags.json === true) printJson(result);
  else tell('certificates.rotated', { cluster: spec.name, count: result.machines.length });
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
