// Mounts a component as the console does: with stores, languages and an empty router.
import { mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { createMemoryHistory, createRouter } from 'vue-router';
import type { Component } from 'vue';
import { i18n } from '../i18n.ts';

/** The mounted component, attached to the page so that focus works. */
export function mountConsole(component: Component, props: object, slots: Record<string, string> = {}): VueWrapper {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:page(.*)*', component: { template: '<i />' } }],
  });
  return mount(component, {
    props: props as Record<string, unknown>,
    slots,
    attachTo: document.body,
    global: { plugins: [createPinia(), i18n, router] },
  });
}
