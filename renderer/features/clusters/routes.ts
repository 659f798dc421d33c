// Pages of the list of clusters.
import type { FeatureRoutes } from '../../router.ts';
import ClusterList from './ClusterList.vue';
import LandingPage from './LandingPage.vue';

export const routes: FeatureRoutes['routes'] = [
  { path: '/', component: LandingPage },
  { path: '/clusters', component: ClusterList, meta: { nav: 'clusters' } },
  { path: '/clusters/:clusterId', redirect: (to) => `/clusters/${String(to.params['clusterId'])}/overview` },
];
