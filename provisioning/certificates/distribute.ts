// Brings the console's certificates to machines and waits until they are in use: what a server shows to a new connection is
// the proof that it took them up without a restart.
import { connect } from 'node:tls';
import { systemClock } from '../../machinery/clock.ts';
import { splitBundle } from '../../machinery/pki/index.ts';
import type { ClusterSpec, MachineSpec } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import type { OpenMaster } from '../recovery/masters.ts';
import { certificateFiles, etcFolder, writeCertificates } from '../steps/certificates.ts';
import type { OwnedFile } from '../steps/files.ts';

const patienceMs = 60_000;
const ports = { apiserver: 6443, kubelet: 10_250 };

/** Writes all certificate files of the machines, then waits until each serves with its own. */
export async function distribute(
  spec: ClusterSpec,
  machines: readonly OpenMaster[],
  pkiDir: string,
  signal?: AbortSignal,
): Promise<void> {
  const written = await Promise.all(
    machines.map(async ({ machine, transport }) => {
      const files = await certificateFiles(spec, machine, pkiDir);
      await writeCertificates(transport, files);
      return { machine, files };
    }),
  );
  await Promise.all(written.map(({ machine, files }) => waitInUse(machine, files, signal)));
}

async function waitInUse(machine: MachineSpec, files: readonly OwnedFile[], signal?: AbortSignal): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const wanted = files.find(({ path }) => path === `${etcFolder}/pki/${name}.crt`)?.content;
    if (wanted !== undefined) await waitServed(machine, port, wanted, signal);
  }
}

/** Resolves once a new connection to the port is shown this certificate. Throws ProvisioningError `NotInUse` after a minute. */
async function waitServed(machine: MachineSpec, port: number, pem: string, signal?: AbortSignal): Promise<void> {
  const deadline = systemClock.now() + patienceMs;
  const expected = body(pem);
  for (;;) {
    const shown = await certificateAt(machine.address, port).catch(() => undefined); // not listening just now
    if (shown === expected) return;
    signal?.throwIfAborted();
    if (systemClock.now() > deadline) {
      const values = { machine: machine.name, port };
      throw new ProvisioningError(
        'NotInUse',
        text('error.certificates.notInUse', values),
        text('error.certificates.notInUse.remedy', values),
      );
    }
    await systemClock.sleep(500, signal);
  }
}

function body(pem: string): string {
  return (splitBundle(pem)[0] ?? '').replace(/-----[^-]+-----|\s/g, '');
}

/** The certificate that a server shows, base64 of its DER. */
function certificateAt(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // Looked at, not trusted: nothing is sent.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: 5_000 }, () => {
      resolve(socket.getPeerCertificate().raw.toString('base64'));
      socket.destroy();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', reject);
  });
}
