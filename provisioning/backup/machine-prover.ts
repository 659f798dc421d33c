// Proves a restored database with the etcd program of a master, for consoles on computers that have none. The throw-away
// etcd runs in a folder that only root can enter, apart from the cluster's own, and is removed however it ends.
import { randomUUID } from 'node:crypto';
import { BackupError, proofScript, type Prover, readServedState } from '../../machinery/backup/index.ts';
import type { Transport } from '../transport/contract.ts';

/** A prover that works on this machine. */
export function machineProver(machine: Transport): Prover {
  return async (db, _folder, signal) => {
    const folder = `/var/lib/pilothouse/proof-${randomUUID()}`;
    try {
      await machine.run(`umask 077; mkdir -p -m 755 /var/lib/pilothouse; mkdir -p ${folder}/data/member/snap`, {
        signal,
      });
      await machine.upload(db, `${folder}/data/member/snap/db`, { mode: 0o600, signal });
      const script = `nice -n 10 /opt/pilothouse/current/node --input-type=module - /usr/bin/etcd ${folder}`;
      const result = await machine.exec(script, { stdin: proofScript, signal });
      if (result.code !== 0)
        throw new BackupError('differs', result.stderr.trim() || `the throw-away etcd on ${machine.machine} failed`);
      return await readServedState(result.stdout);
    } finally {
      await machine.run(`rm -rf ${folder}`).catch(() => undefined); // the connection may be gone
    }
  };
}
