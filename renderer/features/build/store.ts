// The wizard's draft, kept while one looks elsewhere; secrets in it never leave memory but to the services.
import { defineStore } from 'pinia';
import { reactive, ref } from 'vue';
import type { ConsoleError, MachineReport } from '../../../api/console/index.ts';
import { useBridge } from '../../bridge.ts';
import {
  emptyDraft,
  machineDraft,
  readAddresses,
  suggestRoles,
  type MachineFields,
} from '../../shell/machine-draft.ts';

export type TestState =
  | { readonly state: 'testing' }
  | { readonly state: 'answered'; readonly report: MachineReport }
  | { readonly state: 'failed'; readonly error: ConsoleError };

export const useBuildStore = defineStore('build', () => {
  const draft = reactive(emptyDraft());
  const tests = reactive(new Map<number, TestState>());
  const rolesTouched = ref(false);
  let lastKey = 0;

  /** Adds the machines of a text; answers the words that are no addresses. */
  function add(text: string): string[] {
    const { machines, unread } = readAddresses(text, draft.machines, () => ++lastKey);
    draft.machines.push(...machines);
    if (!rolesTouched.value) applySuggestedRoles();
    return unread;
  }

  function remove(key: number): void {
    draft.machines = draft.machines.filter((machine) => machine.key !== key);
    tests.delete(key);
    if (!rolesTouched.value) applySuggestedRoles();
  }

  function applySuggestedRoles(): void {
    const roles = suggestRoles(draft.machines);
    draft.machines.forEach((machine, index) => (machine.role = roles[index] ?? 'node'));
  }

  /** Logs in and looks around, changing nothing. */
  async function test(machine: MachineFields): Promise<void> {
    tests.set(machine.key, { state: 'testing' });
    const answer = await useBridge().invoke('provisioning.test', { machine: machineDraft(machine, draft.login) });
    if (!draft.machines.some(({ key }) => key === machine.key)) return;
    tests.set(
      machine.key,
      answer.ok ? { state: 'answered', report: answer.value } : { state: 'failed', error: answer.error },
    );
  }

  async function testAll(): Promise<void> {
    await Promise.all(draft.machines.map(test));
  }

  function reset(): void {
    Object.assign(draft, emptyDraft());
    tests.clear();
    rolesTouched.value = false;
  }

  return { draft, tests, rolesTouched, add, remove, test, testAll, applySuggestedRoles, reset };
});
