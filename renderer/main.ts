// Starts the console in the page: port, bridge, preferences, then the first screen.
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { createBridge, installBridge } from './bridge.ts';
import { i18n } from './i18n.ts';
import { createElectronPort } from './ports/electron-port.ts';
import { createWebSocketPort } from './ports/websocket-port.ts';
import { createConsoleRouter } from './router.ts';
import { usePreferencesStore } from './stores/preferences.ts';
import './ui/tokens.css';
import './ui/base.css';

const port = window.pilothouse
  ? createElectronPort(window.pilothouse)
  : createWebSocketPort(`${location.origin.replace(/^http/, 'ws')}/console`);
installBridge(createBridge(port));

const app = createApp(App).use(createPinia()).use(i18n);
await usePreferencesStore().load();
app.use(createConsoleRouter()).mount('#app');
