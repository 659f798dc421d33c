// The menu of the Electron shell, in the language that the person reads. Pure data; Electron makes it a menu.
// Its names are ours, as Electron's are English only; what an entry does is Electron's own role.

const words = {
  en: {
    file: 'File',
    newWindow: 'New Window',
    close: 'Close Window',
    quit: 'Quit',
    edit: 'Edit',
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select All',
    view: 'View',
    resetZoom: 'Actual Size',
    zoomIn: 'Zoom In',
    zoomOut: 'Zoom Out',
    togglefullscreen: 'Full Screen',
    toggleDevTools: 'Developer Tools',
    window: 'Window',
    minimize: 'Minimize',
  },
  'zh-CN': {
    file: '文件',
    newWindow: '新建窗口',
    close: '关闭窗口',
    quit: '退出',
    edit: '编辑',
    undo: '撤销',
    redo: '重做',
    cut: '剪切',
    copy: '复制',
    paste: '粘贴',
    selectAll: '全选',
    view: '视图',
    resetZoom: '实际大小',
    zoomIn: '放大',
    zoomOut: '缩小',
    togglefullscreen: '全屏',
    toggleDevTools: '开发者工具',
    window: '窗口',
    minimize: '最小化',
  },
} as const;

type Role = Exclude<keyof (typeof words)['en'], 'file' | 'newWindow' | 'edit' | 'view' | 'window'>;

/** What Electron makes an entry of. */
export interface MenuEntry {
  readonly label?: string;
  readonly role?: Role | 'appMenu';
  readonly type?: 'separator';
  readonly accelerator?: string;
  readonly click?: () => void;
  readonly submenu?: MenuEntry[];
}

/** The menu of a platform; `openWindow` opens another window. */
export function menuTemplate(platform: NodeJS.Platform, language: 'en' | 'zh-CN', openWindow: () => void): MenuEntry[] {
  const say = words[language];
  const roles = (...names: Role[]): MenuEntry[] => names.map((role) => ({ role, label: say[role] }));
  const rule: MenuEntry = { type: 'separator' };
  return [
    ...(platform === 'darwin' ? [{ role: 'appMenu' } satisfies MenuEntry] : []),
    {
      label: say.file,
      submenu: [
        { label: say.newWindow, accelerator: 'CmdOrCtrl+N', click: openWindow },
        ...roles('close'),
        rule,
        ...roles('quit'),
      ],
    },
    { label: say.edit, submenu: [...roles('undo', 'redo'), rule, ...roles('cut', 'copy', 'paste', 'selectAll')] },
    {
      label: say.view,
      submenu: [...roles('resetZoom', 'zoomIn', 'zoomOut'), rule, ...roles('togglefullscreen', 'toggleDevTools')],
    },
    { label: say.window, submenu: roles('minimize') },
  ];
}
