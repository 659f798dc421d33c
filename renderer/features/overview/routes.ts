// The health page of a cluster.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/overview',
    component: () => import('./OverviewPage.vue'),
    props: true,
    meta: { nav: 'overview' },
  },
];
