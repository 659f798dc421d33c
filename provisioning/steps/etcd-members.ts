// Changes to a running etcd cluster's membership, asked from a master that is in it: with its own certificates, through
// etcd's JSON gateway, so that no key leaves the machine. A new member joins as a learner and votes once it has caught up.
import type { Transport } from '../transport/contract.ts';

/** A member as etcd lists it; ids are decimal text. */
export interface EtcdMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly isLearner: boolean;
  /** It has told its client address, so it ran at least once. */
  readonly hasStarted: boolean;
}

const script = `
import { request } from 'node:https';
import { readFileSync } from 'node:fs';
const pki = '/etc/pilothouse/pki/';
const [path, body] = process.argv.slice(2);
const tls = { ca: readFileSync(pki + 'etcd/ca.crt'), cert: readFileSync(pki + 'apiserver-etcd-client.crt'), key: readFileSync(pki + 'apiserver-etcd-client.key') };
const call = request({ host: '127.0.0.1', port: 2379, path, method: 'POST', timeout: 10000, ...tls }, (response) => {
  process.stdout.write(String(response.statusCode) + ' ');
  response.pipe(process.stdout);
});
call.on('timeout', () => call.destroy(new Error('no answer within 10 s')));
call.on('error', (error) => { process.stderr.write(error.message); process.exitCode = 1; });
call.end(body);
`;

async function call(master: Transport, method: string, body: object): Promise<unknown> {
  const argument = JSON.stringify(body).replaceAll("'", `'\\''`);
  const answer = await master.run(
    `/opt/pilothouse/current/node --input-type=module - /v3/cluster/member/${method} '${argument}'`,
    { stdin: script },
  );
  const status = Number(answer.slice(0, 3));
  const text = answer.slice(4);
  if (status !== 200)
    throw new Error(
      `etcd on ${master.machine} refused ${method}: ${(JSON.parse(text) as { error?: string }).error ?? text}`,
    );
  return JSON.parse(text);
}

interface ListedMember {
  readonly ID: string;
  readonly name?: string;
  readonly peerURLs?: readonly string[];
  readonly clientURLs?: readonly string[];
  readonly isLearner?: boolean;
}

/** All members, as the cluster of `master` has agreed on them. */
export async function listMembers(master: Transport): Promise<EtcdMember[]> {
  const { members } = (await call(master, 'list', {})) as { members: readonly ListedMember[] };
  return members.map((member) => ({
    id: member.ID,
    name: member.name ?? '',
    peerUrl: member.peerURLs?.[0] ?? '',
    isLearner: member.isLearner === true,
    hasStarted: (member.clientURLs ?? []).length > 0,
  }));
}

/** Adds a member that follows without a vote. etcd takes one learner at a time. */
export async function addLearner(master: Transport, peerUrl: string): Promise<void> {
  await call(master, 'add', { peerURLs: [peerUrl], isLearner: true });
}

/** Gives the learner its vote; etcd refuses while it has not caught up. */
export async function promoteLearner(master: Transport, id: string): Promise<void> {
  await call(master, 'promote', { ID: id });
}

/** Takes a member out, dead or alive. */
export async function removeMember(master: Transport, id: string): Promise<void> {
  await call(master, 'remove', { ID: id });
}
