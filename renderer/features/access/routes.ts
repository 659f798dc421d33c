// The page of access.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/access',
    component: () => import('./AccessPage.vue'),
    props: true,
    meta: { nav: 'access' },
  },
];
