// The console's pages. Each feature folder brings its own `routes.ts`; none knows another.
import { createRouter, createWebHashHistory, type Router, type RouteRecordRaw } from 'vue-router';

declare module 'vue-router' {
  interface RouteMeta {
    /** Locale key of the page's name, for the window title. */
    title?: string;
    /** The entry of the side navigation that the page belongs to. */
    nav?: string;
  }
}

/** What a feature's `routes.ts` exports. */
export interface FeatureRoutes {
  readonly routes: readonly RouteRecordRaw[];
}

const features = import.meta.glob<FeatureRoutes>('./features/*/routes.ts', { eager: true });

/** A router over all features' pages; an address that nothing knows leads to where the console opens. */
export function createConsoleRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      ...Object.values(features).flatMap((feature) => feature.routes),
      { path: '/:missing(.*)*', redirect: '/' },
    ],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  });
}
