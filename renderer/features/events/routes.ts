// The events page.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  {
    path: '/clusters/:clusterId/events',
    component: () => import('./EventPage.vue'),
    props: true,
    meta: { nav: 'events' },
  },
];
