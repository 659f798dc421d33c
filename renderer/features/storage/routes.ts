// The page of storage.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/storage',
    component: () => import('./StoragePage.vue'),
    props: true,
    meta: { nav: 'storage' },
  },
];
