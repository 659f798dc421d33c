// Tells, wherever the person is, what turned ill or ended meanwhile; a hidden window says it in its title.
import { onScopeDispose, ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRoute } from 'vue-router';
import type { ConsoleError, ErrorReason, LocalText } from '../../api/console/index.ts';
import { useClustersStore } from '../stores/clusters.ts';
import { useLive } from '../stores/live.ts';
import { useNoticesStore } from '../stores/notices.ts';
import { clusterTurns, endedRuns } from './attention.ts';
import { runTitle } from './run-title.ts';

/** A failure whose words are in the present language already. */
function said(reason: ErrorReason, message: string, remedy: string): ConsoleError {
  const both = (text: string): LocalText => ({ en: text, 'zh-CN': text });
  return { reason, message, remedy, local: { message: both(message), remedy: both(remedy) } };
}

/** Follows clusters and runs for as long as the window is open; answers how much was said while it was hidden. */
export function useAttention(): { readonly unseen: Readonly<ReturnType<typeof ref<number>>> } {
  const { t, locale } = useI18n();
  const route = useRoute();
  const clusters = useClustersStore();
  const notices = useNoticesStore();
  const unseen = ref<number>(0);
  const { data: runs } = useLive('provisioning.runs', () => ({}));
  const say = (text: LocalText | undefined): string => text?.[locale.value === 'zh-CN' ? 'zh-CN' : 'en'] ?? '';
  const count = (): void => {
    if (document.hidden) unseen.value = (unseen.value ?? 0) + 1;
  };
  const onSeen = (): void => {
    if (!document.hidden) unseen.value = 0;
  };

  watch(
    () => clusters.clusters,
    (now, before) => {
      for (const { cluster, to } of clusterTurns(before, now)) {
        const { name, message } = cluster;
        if (to === 'well') notices.done(t('attention.well', { name }));
        else
          notices.failed(
            t('attention.ill', { name }),
            said('Unreachable', message ?? t(`clusters.states.${cluster.state}`), t('attention.look')),
          );
        count();
      }
    },
  );
  watch(runs, (now, before) => {
    for (const run of endedRuns(before, now)) {
      if (route.params['runId'] === run.id) continue;
      const title = t(runTitle(run.kind), { name: run.cluster });
      if (run.state === 'done') notices.done(t('attention.runDone', { title }));
      else
        notices.failed(t('attention.runFailed', { title }), said('Internal', say(run.message), t('attention.lookRun')));
      count();
    }
  });
  document.addEventListener('visibilitychange', onSeen);
  onScopeDispose(() => document.removeEventListener('visibilitychange', onSeen));
  return { unseen };
}
