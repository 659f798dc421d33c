// The page of trails.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/trail',
    component: () => import('./TrailPage.vue'),
    props: true,
    meta: { nav: 'trail' },
  },
];
