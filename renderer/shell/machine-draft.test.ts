import { describe, expect, it } from 'vitest';
import {
  clusterDraft,
  emptyDraft,
  machineProblems,
  mastersToLose,
  nameFor,
  readAddresses,
  roleProblems,
  suggestRoles,
  type MachineFields,
} from './machine-draft.ts';

const machine = (key: number, role: MachineFields['role'] = 'node'): MachineFields => ({
  key,
  name: `m-${key}`,
  address: `10.0.0.${key}`,
  port: 22,
  user: 'root',
  role,
});
let key = 0;
const read = (text: string, present: MachineFields[] = []): ReturnType<typeof readAddresses> =>
  readAddresses(text, present, () => ++key);

describe('reading addresses', () => {
  it.each([
    ['10.0.0.7', { address: '10.0.0.7', port: 22, user: 'root', name: 'machine-7' }],
    ['debian@10.0.0.8:2222', { address: '10.0.0.8', port: 2222, user: 'debian', name: 'machine-8' }],
    ['db1.example.org', { address: 'db1.example.org', port: 22, user: 'root', name: 'db1' }],
    ['root@[fd00::9]:22', { address: 'fd00::9', port: 22, user: 'root', name: 'machine-9' }],
  ])('takes %s', (text, wanted) => {
    expect(read(text).machines).toMatchObject([wanted]);
  });

  it('takes many at once, each once, and gives back what is no address', () => {
    const { machines, unread } = read('10.0.0.1, 10.0.0.2\n10.0.0.1 no/address 10.0.0.3:99999');
    expect(machines.map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(unread).toEqual(['no/address', '10.0.0.3:99999']);
  });

  it('does not add a machine that is there already', () => {
    expect(read('10.0.0.1', [machine(1)]).machines).toEqual([]);
  });

  it('keeps names apart', () => {
    expect(nameFor('10.1.0.7', new Set(['machine-7', 'machine-7-2']))).toBe('machine-7-3');
  });
});

describe('roles', () => {
  it.each([
    [1, ['both']],
    [3, ['master', 'node', 'node']],
    [5, ['master', 'master', 'master', 'node', 'node']],
  ])('of %i machines are suggested', (count, roles) => {
    expect(suggestRoles(Array.from({ length: count }, (_none, index) => machine(index)))).toEqual(roles);
  });

  it.each([
    [1, 0],
    [2, 0],
    [3, 1],
    [5, 2],
  ])('with %i masters let %i fail', (masters, spare) => {
    expect(mastersToLose(Array.from({ length: masters }, (_none, index) => machine(index, 'master')))).toBe(spare);
  });

  it('need a master and somebody to run pods, and advise against even numbers', () => {
    const draft = (machines: MachineFields[]) => ({ ...emptyDraft(), machines });
    expect(roleProblems(draft([machine(1)])).problems).toEqual(['noMaster']);
    expect(roleProblems(draft([machine(1, 'master'), machine(2, 'master')]))).toEqual({
      problems: ['noWorker'],
      advice: ['evenMasters'],
    });
    expect(roleProblems(draft([machine(1, 'both')])).problems).toEqual([]);
  });
});

describe('a draft', () => {
  it('says all that is missing', () => {
    const draft = emptyDraft();
    draft.login.kind = 'password';
    expect(machineProblems(draft)).toEqual(['name', 'noMachines', 'login']);
  });

  it('asks for an etcd of its own masters, unless the site has one', () => {
    const draft = { ...emptyDraft(), name: 'harbour', machines: [machine(1, 'both')] };
    expect(clusterDraft(draft)).toEqual({ name: 'harbour', machines: [expect.anything()] });
    draft.further.virtualAddress = ' 10.0.0.9 ';
    draft.further.etcd.isExternal = true;
    expect(roleProblems(draft).problems).toEqual(['etcd']);
    const files = { caFile: '/ca.pem', certFile: '/client.pem', keyFile: '/key.pem' };
    Object.assign(draft.further.etcd, { endpoints: 'https://10.0.0.31:2379,\nhttps://10.0.0.32:2379 ', ...files });
    expect(roleProblems(draft).problems).toEqual([]);
    expect(clusterDraft(draft)).toMatchObject({
      virtualAddress: '10.0.0.9',
      etcd: { endpoints: ['https://10.0.0.31:2379', 'https://10.0.0.32:2379'], ...files },
    });
    draft.further.etcd.isExternal = false;
    expect(clusterDraft(draft).etcd).toBeUndefined();
  });

  it('sends only the credentials of the chosen kind', () => {
    const draft = { ...emptyDraft(), name: 'harbour', machines: [machine(1, 'both')] };
    draft.login = { ...draft.login, kind: 'password', password: 'secret', keyPath: '/key' };
    expect(clusterDraft(draft).machines[0]?.credentials).toEqual({
      kind: 'password',
      password: 'secret',
      sudoPassword: undefined,
    });
  });
});
