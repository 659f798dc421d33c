// `pilothouse control-plane`, `agent` and `hollow-nodes`: the long-running programs, in the foreground.
import type { Command } from 'commander';
import { runProgram } from '../programs/run-program.ts';

const controlPlaneHelp = `
Flags:
  --listen HOST:PORT            where the API is served (default 127.0.0.1:6443; port 0 picks a free one)
  --etcd URL[,URL]              use this etcd; with --etcd-ca, --etcd-cert, --etcd-key for TLS
  --embedded-etcd               run a real etcd as a child, on loopback
  --memory                      keep everything in memory (nothing survives the process)
  --data-dir DIR                certificates and embedded etcd (required)
  --pki-dir DIR                 certificates (default DATA-DIR/pki; made when missing)
  --kubeconfig-out FILE         write the administrator's kubeconfig here
  --components LIST             of api, scheduler, controllers (default all); without api, give --kubeconfig FILE
  --scheduler-config FILE       profiles, as a KubeSchedulerConfiguration (subset of kubescheduler.config.k8s.io/v1)
  --service-cidr, --pod-cidr, --cluster-domain, --cluster-dns, --advertise-address, --extra-sans
  --node-monitor-grace TIME     until a silent node counts as lost (default 40s)
  --pod-eviction-timeout TIME   until the pods of a lost node run elsewhere (default 5m)`;

const agentHelp = `
Flags:
  --kubeconfig FILE             how to reach the API server (required)
  --node-name NAME              (required)
  --server URL[,URL]            API servers to fail over between
  --runtime docker|hollow       run containers with Docker, or pretend to (default docker)
  --docker-socket PATH          (default /var/run/docker.sock)
  --data-dir DIR                (default /var/lib/pilothouse/agent)
  --node-ip, --cluster-dns, --cluster-domain, --service-cidr, --pod-cidr, --listen-address, --listen-port,
  --tls-cert, --tls-key, --client-ca, --max-pods, --manifest-dir, --node-labels K=V[,K=V], --register-taints K=V:EFFECT`;

/** Adds the long-running programs; each is loaded only when it is asked for. */
export function addProgramCommands(program: Command): void {
  program
    .command('control-plane')
    .description('run a control plane: API server, scheduler and controllers')
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[flags...]')
    .addHelpText('after', controlPlaneHelp)
    .action(async (flags: string[]) => {
      const { controlPlaneProgram } = await import('../programs/control-plane-program.ts');
      process.exit(await runProgram(controlPlaneProgram, flags));
    });
  program
    .command('agent')
    .description('run a node agent: kubelet, service proxy and cluster DNS')
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[flags...]')
    .addHelpText('after', agentHelp)
    .action(async (flags: string[]) => {
      const { agentProgram } = await import('../programs/agent-program.ts');
      process.exit(await runProgram(agentProgram, flags));
    });
  program
    .command('hollow-nodes')
    .description('run simulated nodes: they register, heartbeat and run pods, without containers')
    .requiredOption('--count <n>', 'how many')
    .requiredOption('--kubeconfig <file>', 'how to reach the API server')
    .option('--name-prefix <prefix>', 'names are PREFIX-0, PREFIX-1, …', 'hollow')
    .action(async (options: { count: string; kubeconfig: string; namePrefix: string }) => {
      const { hollowNodesProgram } = await import('../programs/hollow-nodes-program.ts');
      process.exit(await runProgram(hollowNodesProgram(options), []));
    });
}
