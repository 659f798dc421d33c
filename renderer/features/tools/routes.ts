// Open port-forwards of the console.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/forwards',
    component: () => import('./ForwardsPage.vue'),
    props: true,
    meta: { nav: 'forwards' },
  },
];
