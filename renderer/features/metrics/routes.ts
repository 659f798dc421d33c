// The page of metrics.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/metrics',
    component: () => import('./MetricsPage.vue'),
    props: true,
    meta: { nav: 'metrics' },
  },
];
