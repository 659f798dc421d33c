// The page of chaos drills.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/drills',
    component: () => import('./DrillPage.vue'),
    props: true,
    meta: { nav: 'drills' },
  },
];
