// The program that proves a restored database: it runs a throw-away etcd on it and prints every object that etcd serves.
// Plain JavaScript with nothing but Node, because it also runs on machines, sent there over SSH. etcd listens on a socket
// in a folder that only its owner can enter, never on an address: the database holds every Secret of the cluster.

/** Arguments: the etcd program and a folder with `data/member/snap/db`. Prints JSON lines: a head, objects, an end. */
export const proofScript: string = String.raw`
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
const [etcdProgram, folder] = process.argv.slice(2);
chmodSync(folder, 0o700);
const client = 'unix://localhost:1', peer = 'unix://localhost:2';
const etcd = spawn(etcdProgram, ['--name=proof', '--data-dir=data', '--listen-client-urls=' + client,
  '--advertise-client-urls=' + client, '--listen-peer-urls=' + peer, '--initial-advertise-peer-urls=' + peer,
  '--initial-cluster=proof=' + peer, '--initial-cluster-token=proof', '--heartbeat-interval=20', '--election-timeout=200',
  '--quota-backend-bytes=8589934592', '--logger=zap', '--log-level=warn'],
  { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ETCDCTL_API: '3' } });
let words = '', ended = false;
etcd.stderr.setEncoding('utf8').on('data', (text) => { words = (words + text).slice(-4000); });
etcd.on('error', (error) => { words += error.message; ended = true; });
etcd.on('exit', () => { ended = true; });
const stop = () => etcd.kill('SIGKILL');
process.on('exit', stop);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(1));
const call = (path, body) => new Promise((resolve, reject) => {
  const ask = request({ socketPath: join(folder, 'localhost:1'), path, method: 'POST' }, (response) => {
    const parts = [];
    response.on('data', (part) => parts.push(part)).on('error', reject).on('end', () => {
      const text = Buffer.concat(parts).toString('utf8');
      if (response.statusCode === 200) resolve(JSON.parse(text)); else reject(new Error(text));
    });
  });
  ask.on('error', reject).end(JSON.stringify(body));
});
const startedAt = Date.now();
let status;
while (status === undefined) {
  try {
    const answer = await call('/v3/maintenance/status', {});
    if (answer.leader && answer.leader !== '0') status = answer;
  } catch {}
  if (status === undefined && (ended || Date.now() - startedAt > 120000)) {
    process.stderr.write('etcd does not start on the restored database: ' + words.split('\n').slice(-4).join(' | '));
    process.exit(3);
  }
  if (status === undefined) await new Promise((resolve) => setTimeout(resolve, 25));
}
const write = (text) => new Promise((resolve) => process.stdout.write(text, resolve));
const number = (value) => Number(value ?? 0);
let next = Buffer.from([0]), revision = 0, count = 0;
for (;;) {
  const page = await call('/v3/kv/range', { key: next.toString('base64'), range_end: 'AA==', limit: 200 });
  if (revision === 0) { revision = number(page.header.revision); await write(JSON.stringify({ revision, version: status.version }) + '\n'); }
  const items = page.kvs ?? [];
  let lines = '';
  for (const item of items) {
    const key = Buffer.from(item.key, 'base64');
    next = Buffer.concat([key, Buffer.from([0])]);
    const sha256 = createHash('sha256').update(Buffer.from(item.value ?? '', 'base64')).digest('hex');
    lines += JSON.stringify({ key: key.toString('utf8'), createRevision: number(item.create_revision),
      modRevision: number(item.mod_revision), sha256 }) + '\n';
    count++;
  }
  if (lines !== '') await write(lines);
  if (page.more !== true) break;
}
await write(JSON.stringify({ end: count }) + '\n');
process.exit(0);
`;
