// The settings page.
import type { FeatureRoutes } from '../../router.ts';

export const routes: FeatureRoutes['routes'] = [
  { path: '/settings', component: () => import('./SettingsPage.vue'), meta: { nav: 'settings' } },
];
