import { flushPromises, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DrillPlan } from '../../../api/console/index.ts';
import { installFakeBridge, type FakeBridge } from '../../testing/fake-bridge.ts';
import { mountConsole } from '../../testing/mount.ts';
import DrillForm from './DrillForm.vue';

const target = { kind: 'pod', namespace: 'shop', name: 'cart-1' } as const;
const plan: DrillPlan = {
  target,
  holdSeconds: 20,
  refusals: [],
  warnings: [],
  prediction: {
    rehearsed: true,
    moved: [{ pod: 'shop/cart-1', from: 'm-1', to: 'm-2' }],
    pending: [],
    gone: [],
    budgetsBroken: [],
    services: ['shop/cart'],
  },
};

describe('the form of a drill', () => {
  let bridge: FakeBridge;

  beforeEach(() => {
    bridge = installFakeBridge();
  });
  afterEach(() => {
    document.body.innerHTML = '';
  });

  async function predicted(answer: DrillPlan, isBusy = false): Promise<VueWrapper> {
    bridge.answer('drills.plan', { ok: true, value: answer });
    const form = mountConsole(DrillForm, { clusterId: 'harbour', isBusy });
    await form.find('input[name=drill-target]').setValue('shop/cart-1');
    await form.find('form').trigger('submit');
    await flushPromises();
    return form;
  }
  const begin = (form: VueWrapper): ReturnType<VueWrapper['findAll']>[number] | undefined =>
    form.findAll('button').find((button) => button.text() === 'Begin the drill…');

  it('predicts first, and begins once the name was typed', async () => {
    const form = await predicted(plan);
    await begin(form)?.trigger('click');
    await flushPromises();
    const dialog = document.querySelector('[role=dialog]');
    const typed = dialog?.querySelector('input');
    const action = dialog?.querySelector<HTMLButtonElement>('button[type=submit]');
    expect(action?.disabled).toBe(true);
    typed!.value = 'cart-1';
    typed?.dispatchEvent(new Event('input'));
    await flushPromises();
    action?.click();
    await flushPromises();
    expect(bridge.invoked.map(({ command }) => command)).toEqual(['drills.plan', 'drills.start']);
    expect(bridge.invoked[1]?.payload).toEqual({ clusterId: 'harbour', target, holdSeconds: 20 });
  });

  it('has no button for what is refused, and says why', async () => {
    const reason = { en: 'Only 1 of the 2 members would be left.', 'zh-CN': '只剩 1 个成员。' };
    const form = await predicted({ ...plan, refusals: [reason] });
    expect(form.text()).toContain(reason.en);
    expect(begin(form)).toBeUndefined();
  });

  it('waits for the drill that is under way', async () => {
    expect(begin(await predicted(plan, true))?.attributes('disabled')).toBeDefined();
  });

  it('forgets a prediction when something else is chosen', async () => {
    const form = await predicted(plan);
    await form.find('input[name=drill-target]').setValue('shop/cart-2');
    expect(begin(form)).toBeUndefined();
  });
});
