// The placement map.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/placement',
    component: () => import('./PlacementPage.vue'),
    props: true,
    meta: { nav: 'placement' },
  },
  {
    path: '/clusters/:clusterId/history',
    component: () => import('./HistoryPage.vue'),
    props: true,
    meta: { nav: 'history' },
  },
];
