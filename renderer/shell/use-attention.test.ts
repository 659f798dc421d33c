import { nextTick, defineComponent } from 'vue';
import { expect, it } from 'vitest';
import { useNoticesStore } from '../stores/notices.ts';
import { installFakeBridge } from '../testing/fake-bridge.ts';
import { mountConsole } from '../testing/mount.ts';
import { useAttention } from './use-attention.ts';

it('says that a cluster fell ill and that a run failed, in the language of the page', async () => {
  const bridge = installFakeBridge();
  let notices: ReturnType<typeof useNoticesStore> | undefined;
  const Host = defineComponent({
    setup() {
      useAttention();
      notices = useNoticesStore();
      return () => null;
    },
  });
  const cluster = (state: string) => [{ id: 'harbour', name: 'harbour', state }];
  const run = (state: string) => [{ id: '1', cluster: 'harbour', kind: 'upgrade', state }];
  bridge.tell('clusters', cluster('healthy'));
  bridge.tell('provisioning.runs', run('running'));
  const mounted = mountConsole(Host, {});
  await nextTick();
  expect(notices?.notices).toEqual([]);

  bridge.tell('clusters', cluster('unreachable'));
  bridge.tell('provisioning.runs', run('failed'));
  await nextTick();
  expect(notices?.notices.map(({ tone, text }) => [tone, text])).toEqual([
    ['bad', 'harbour needs attention'],
    ['bad', 'Not done: Upgrading harbour'],
  ]);
  mounted.unmount();
});
