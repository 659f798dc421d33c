// The page of upkeep: what keeps a cluster alive in the long run.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/upkeep',
    component: () => import('./UpkeepPage.vue'),
    props: true,
    meta: { nav: 'upkeep' },
  },
];
