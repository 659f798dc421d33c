// Pages that build clusters and take them apart.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  { path: '/build', component: () => import('./BuildWizard.vue'), meta: { nav: 'clusters', title: 'build.title' } },
  {
    path: '/build/runs/:runId',
    component: () => import('./RunPage.vue'),
    props: true,
    meta: { nav: 'clusters', title: 'build.run.title' },
  },
  {
    path: '/build/:cluster/deprovision',
    component: () => import('./DeprovisionPage.vue'),
    props: true,
    meta: { nav: 'clusters', title: 'build.deprovision.title' },
  },
];
