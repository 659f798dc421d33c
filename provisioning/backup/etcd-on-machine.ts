// Questions to the etcd of a master, asked on the machine itself with its own certificates through etcd's JSON gateway: no
// key leaves the machine and no port of etcd need be open to the console.
import { byKey, type ObjectDigest } from '../../machinery/etcd/snapshot/index.ts';
import type { Transport } from '../transport/contract.ts';
import { quote } from '../transport/shell.ts';

const node = '/opt/pilothouse/current/node --input-type=module -';

/** Verbs: `status`; `snapshot FILE`; `objects REVISION`, which prints one JSON object a line and an end. */
const script = String.raw`
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { request } from 'node:https';
const pki = '/etc/pilothouse/pki/';
const tls = { ca: readFileSync(pki + 'etcd/ca.crt'), cert: readFileSync(pki + 'apiserver-etcd-client.crt'), key: readFileSync(pki + 'apiserver-etcd-client.key') };
const [verb, argument] = process.argv.slice(2);
const ask = (path, body) => new Promise((resolve, reject) => {
  const call = request({ host: '127.0.0.1', port: 2379, path, method: 'POST', timeout: 20000, ...tls }, resolve);
  call.on('timeout', () => call.destroy(new Error('etcd does not answer within 20 s')));
  call.on('error', reject).end(JSON.stringify(body));
});
const call = async (path, body) => {
  const parts = [];
  const response = await ask(path, body);
  for await (const part of response) parts.push(part);
  const text = Buffer.concat(parts).toString('utf8');
  if (response.statusCode !== 200) throw new Error(text);
  return JSON.parse(text);
};
const write = (text) => new Promise((resolve) => process.stdout.write(text, resolve));
const verbs = {
  async status() { await write(JSON.stringify(await call('/v3/maintenance/status', {}))); },
  async snapshot() {
    const file = await open(argument, 'w', 0o600);
    const response = await ask('/v3/maintenance/snapshot', {});
    let rest = '', saved = 0;
    const take = async (line) => {
      if (line.trim() === '') return;
      const { result, error } = JSON.parse(line);
      if (error) throw new Error(error.message);
      const blob = Buffer.from(result.blob ?? '', 'base64');
      await file.write(blob);
      saved += blob.length;
    };
    for await (const part of response.setEncoding('latin1')) {
      const lines = (rest + part).split('\n');
      rest = lines.pop();
      for (const line of lines) await take(line);
    }
    await take(rest);
    await file.sync();
    await file.close();
    await write(String(saved));
  },
  async objects() {
    let next = Buffer.from([0]), count = 0;
    for (;;) {
      const page = await call('/v3/kv/range', { key: next.toString('base64'), range_end: 'AA==', limit: 200, revision: argument });
      let lines = '';
      for (const item of page.kvs ?? []) {
        const key = Buffer.from(item.key, 'base64');
        next = Buffer.concat([key, Buffer.from([0])]);
        lines += JSON.stringify({ key: key.toString('utf8'), createRevision: Number(item.create_revision), modRevision: Number(item.mod_revision),
          sha256: createHash('sha256').update(Buffer.from(item.value ?? '', 'base64')).digest('hex') }) + '\n';
        count++;
      }
      await write(lines);
      if (page.more !== true) break;
    }
    await write(JSON.stringify({ end: count }) + '\n');
  },
};
try { await verbs[verb](); } catch (error) { process.stderr.write(error.message); process.exitCode = 1; }
`;

export interface EtcdStatus {
  readonly version: string;
  readonly hasLeader: boolean;
  readonly isLeader: boolean;
  readonly revision: number;
  readonly raftTerm: number;
  readonly raftIndex: number;
  readonly dbBytes: number;
}

/** What the member on this machine says of itself; it answers also without a quorum, once it has had one. */
export async function etcdStatus(master: Transport, signal?: AbortSignal): Promise<EtcdStatus> {
  const answer = JSON.parse(await master.run(`${node} status`, { stdin: script, signal })) as {
    header: { member_id: string; revision: string; raft_term: string };
    version: string;
    leader?: string;
    raftIndex: string;
    dbSize: string;
  };
  const leader = answer.leader ?? '0';
  return {
    version: answer.version,
    hasLeader: leader !== '0',
    isLeader: leader === answer.header.member_id,
    revision: Number(answer.header.revision),
    raftTerm: Number(answer.header.raft_term),
    raftIndex: Number(answer.raftIndex),
    dbBytes: Number(answer.dbSize),
  };
}

/** Saves a snapshot of the member to a file on its machine; answers its length in bytes. */
export async function snapshotOnMachine(master: Transport, path: string, signal?: AbortSignal): Promise<number> {
  return Number(await master.run(`umask 077; ${node} snapshot ${quote(path)}`, { stdin: script, signal }));
}

/** Every object that the cluster serves at a revision, as digests. */
export async function objectsOnMachine(
  master: Transport,
  revision: number,
  signal?: AbortSignal,
): Promise<ObjectDigest[]> {
  const lines = (await master.run(`${node} objects ${revision}`, { stdin: script, signal })).split('\n');
  const values = lines.filter(Boolean).map((line) => JSON.parse(line) as ObjectDigest & { end?: number });
  const end = values.pop()?.end;
  if (end !== values.length) throw new Error(`${master.machine} listed ${values.length} objects of ${String(end)}`);
  return values.sort(byKey);
}
