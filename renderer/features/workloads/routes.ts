// The page of workloads other than Deployments.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/workloads',
    component: () => import('./WorkloadsPage.vue'),
    props: true,
    meta: { nav: 'workloads' },
  },
];
