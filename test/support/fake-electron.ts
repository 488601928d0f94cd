import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

/** What the host did to the stand-in of the `electron` module, in order. */
export interface Recorded {
  readonly order: string[];
  readonly schemes: unknown[];
  readonly protocols: Map<string, (request: Request) => Response | Promise<Response>>;
  readonly windows: FakeWindow[];
  readonly errors: string[][];
  readonly exposed: Map<string, unknown>;
  readonly paths: Map<string, string>;
}

export class FakeContents extends EventEmitter {
  readonly mainFrame = { url: 'app://scram/now' };
  readonly sent: [channel: string, mark: string, text: string][] = [];
  openHandler: ((details: { url: string }) => { action: string }) | null = null;
  gone = false;
  send(channel: string, mark: string, text: string): void {
    this.sent.push([channel, mark, text]);
  }
  isDestroyed(): boolean {
    return this.gone;
  }
  setWindowOpenHandler(handler: FakeContents['openHandler']): void {
    this.openHandler = handler;
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly loaded: string[] = [];
  readonly calls: string[] = [];
  readonly options: { show?: boolean; webPreferences?: Record<string, unknown> };
  constructor(options: FakeWindow['options'] = {}) {
    super();
    this.options = options;
    electron.recorded.windows.push(this);
    electron.app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
  }
  show = () => void this.calls.push('show');
  focus = () => void this.calls.push('focus');
  restore = () => void this.calls.push('restore');
  isMinimized = () => true;
}

class FakeApp extends EventEmitter {
  isPackaged = false;
  hasLock = true;
  note(name: string): void {
    electron.recorded.order.push(name);
  }
  enableSandbox = () => this.note('enableSandbox');
  requestSingleInstanceLock = () => {
    this.note('lock');
    return this.hasLock;
  };
  whenReady = async () => {
    this.note('ready');
  };
  quit = () => this.note('quit');
  exit = (code: number) => this.note(`exit ${code}`);
  setPath = (name: string, value: string) => {
    this.note('setPath');
    electron.recorded.paths.set(name, value);
  };
}

class FakeSession extends EventEmitter {
  request: ((contents: unknown, permission: string, answer: (granted: boolean) => void) => void) | null = null;
  check: (() => boolean) | null = null;
  device: (() => boolean) | null = null;
  beforeRequest: ((details: { url: string }, answer: (answer: { cancel: boolean }) => void) => void) | null = null;
  setPermissionRequestHandler = (handler: FakeSession['request']) => {
    this.request = handler;
  };
  setPermissionCheckHandler = (handler: FakeSession['check']) => {
    this.check = handler;
  };
  setDevicePermissionHandler = (handler: FakeSession['device']) => {
    this.device = handler;
  };
  webRequest = {
    onBeforeRequest: (handler: FakeSession['beforeRequest']) => {
      this.beforeRequest = handler;
    },
  };
}

/** Keeps nothing itself: the text stands for what the operating system's key would make of it. */
class FakeSafeStorage {
  available = true;
  backend = 'gnome_libsecret';
  isAsyncEncryptionAvailable = async () => this.available;
  getSelectedStorageBackend = () => this.backend;
  encryptStringAsync = async (text: string) => {
    if (!this.available) throw new Error(`no keychain for ${text}`);
    return Buffer.from(text).map((byte) => byte ^ 0x5a);
  };
  decryptStringAsync = async (bytes: Buffer) => {
    if (!this.available) throw new Error('no keychain');
    return { shouldReEncrypt: false, result: Buffer.from(bytes.map((byte) => byte ^ 0x5a)).toString() };
  };
}

const recorded = (): Recorded => ({
  order: [],
  schemes: [],
  protocols: new Map(),
  windows: [],
  errors: [],
  exposed: new Map(),
  paths: new Map(),
});

/** Stands in for the `electron` module: `vi.mock('electron', async () => (await import(…)).electron)`. */
export const electron = {
  recorded: recorded(),
  app: new FakeApp(),
  BrowserWindow: FakeWindow,
  session: { defaultSession: new FakeSession() },
  safeStorage: new FakeSafeStorage(),
  powerMonitor: new EventEmitter(),
  ipcMain: new EventEmitter(),
  ipcRenderer: Object.assign(new EventEmitter(), { send: vi.fn() }),
  contextBridge: {
    exposeInMainWorld: (name: string, api: unknown) => void electron.recorded.exposed.set(name, api),
  },
  dialog: { showErrorBox: (title: string, text: string) => void electron.recorded.errors.push([title, text]) },
  protocol: {
    registerSchemesAsPrivileged: (schemes: unknown[]) => {
      electron.recorded.order.push('scheme');
      electron.recorded.schemes.push(...schemes);
    },
    handle: (scheme: string, handler: (request: Request) => Response) => {
      electron.recorded.protocols.set(scheme, handler);
    },
  },
};

export function resetElectron(): void {
  for (const emitter of [electron.app, electron.session.defaultSession, electron.ipcMain, electron.ipcRenderer]) {
    emitter.removeAllListeners();
  }
  electron.ipcRenderer.send.mockReset();
  electron.app.hasLock = true;
  electron.app.isPackaged = false;
  electron.powerMonitor.removeAllListeners();
  Object.assign(electron.safeStorage, { available: true, backend: 'gnome_libsecret' });
  electron.recorded = recorded();
}
