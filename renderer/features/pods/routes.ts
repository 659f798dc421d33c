// Pages of pods.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/pods',
    component: () => import('./PodList.vue'),
    props: true,
    meta: { nav: 'pods' },
  },
  {
    path: '/clusters/:clusterId/pods/:namespace/:name',
    component: () => import('./PodPage.vue'),
    props: true,
    meta: { nav: 'pods' },
  },
];
