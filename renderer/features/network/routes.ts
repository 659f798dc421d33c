// The page of network.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/network',
    component: () => import('./NetworkPage.vue'),
    props: true,
    meta: { nav: 'network' },
  },
];
