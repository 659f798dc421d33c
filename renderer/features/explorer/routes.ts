// Any kind and any object, by address.
import type { FeatureRoutes } from '../../router.ts';

const base = '/clusters/:clusterId';

export const routes: FeatureRoutes['routes'] = [
  {
    path: `${base}/explore/:group?/:version?/:kind?`,
    component: () => import('./ExplorerPage.vue'),
    props: true,
    meta: { nav: 'explore' },
  },
  {
    path: `${base}/objects/:group/:version/:kind/:namespace/:name`,
    component: () => import('./ObjectPage.vue'),
    props: true,
    meta: { nav: 'explore' },
  },
];
