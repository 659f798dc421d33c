// The page of configuration.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/configuration',
    component: () => import('./ConfigurationPage.vue'),
    props: true,
    meta: { nav: 'configuration' },
  },
];
