// Pages of machines.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/nodes',
    component: () => import('./NodeList.vue'),
    props: true,
    meta: { nav: 'nodes' },
  },
  {
    path: '/clusters/:clusterId/nodes/:name',
    component: () => import('./NodePage.vue'),
    props: true,
    meta: { nav: 'nodes' },
  },
];
