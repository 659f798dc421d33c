// Logs of several pods at once.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/logs',
    component: () => import('./LogsPage.vue'),
    props: true,
    meta: { nav: 'logs' },
  },
];
