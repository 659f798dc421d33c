// The agent's network at the size of a large cluster: 10,000 Services in nftables, DNS under load. Runs in a network
// namespace of its own.
import { join } from 'node:path';
import { createLan } from '../support/lan.ts';
import type { NetworkMeasurements } from './network-process.ts';
import type { Figure, Section } from './report.ts';

function figuresOf(m: NetworkMeasurements): Figure[] {
  return [
    { name: '10,000 services: full sync', value: m.fullSyncMs / 1000, unit: 's', bar: { atMost: 5 } },
    { name: '10,000 services: the same rules by raw nft', value: m.rawLoadMs / 1000, unit: 's', note: 'to compare' },
    { name: 'one endpoint changed, until a connection passes (median)', value: m.changeMedianMs, unit: 'ms' },
    {
      name: 'one endpoint changed, until a connection passes (p99)',
      value: m.changeP99Ms,
      unit: 'ms',
      bar: { atMost: 100 },
    },
    { name: 'a connection, direct and without our rules', value: m.directBareMs, unit: 'ms' },
    { name: 'a connection, direct', value: m.directMs, unit: 'ms' },
    {
      name: 'a connection through a Service, of 10,000',
      value: m.serviceMs / m.directMs,
      unit: '×',
      bar: { atMost: 1.1 },
      note: `${m.serviceMs.toFixed(3)} ms`,
    },
    { name: 'DNS queries answered on loopback', value: m.dnsPerSecond, unit: '/s', bar: { atLeast: 20_000 } },
    { name: 'DNS p99 at that rate', value: m.dnsP99Ms, unit: 'ms', bar: { atMost: 5 } },
    { name: 'a pod wired into the network (median of 50)', value: m.attachMs, unit: 'ms' },
  ];
}

export const networkSection: Section = {
  name: 'network',
  describe: 'service proxy, DNS and pod network of one node',
  async run(log) {
    if (process.getuid?.() !== 0) {
      log('skipped: needs root');
      return [];
    }
    const lan = createLan(1, ['10.244.0.0/16', '10.96.0.0/16']);
    try {
      const [machine] = lan.machines;
      if (machine === undefined) return [];
      const program = join(import.meta.dirname, 'network-process.ts');
      const { child } = machine.start(process.execPath, [program, machine.address], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, PILOTHOUSE_LOG_LEVEL: 'warn' },
      });
      return await new Promise((resolve, reject) => {
        child.on('message', (message: { log: string } | { done: NetworkMeasurements }) => {
          if ('log' in message) log(message.log);
          else resolve(figuresOf(message.done));
        });
        child.on('exit', (code) => reject(new Error(`the network benchmark ended with ${code}`)));
      });
    } finally {
      lan.close();
    }
  },
};
