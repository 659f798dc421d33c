// The notifications page.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  { path: '/notifications', component: () => import('./NotificationsPage.vue'), meta: { nav: 'notifications' } },
];
