// Pages of Deployments.
import type { FeatureRoutes } from '../../router.ts';

const base = '/clusters/:clusterId/deployments';

export const routes: FeatureRoutes['routes'] = [
  { path: base, component: () => import('./DeploymentList.vue'), props: true, meta: { nav: 'deployments' } },
  {
    path: `${base}/new`,
    component: () => import('./CreateDeployment.vue'),
    props: true,
    meta: { nav: 'deployments', title: 'deployments.create' },
  },
  {
    path: `${base}/:namespace/:name`,
    component: () => import('./DeploymentPage.vue'),
    props: true,
    meta: { nav: 'deployments' },
  },
];
