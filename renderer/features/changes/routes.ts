// What was changed through this console.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/changes',
    component: () => import('./ChangePage.vue'),
    props: true,
    meta: { nav: 'changes' },
  },
];
