import path from 'node:path';
import { parseArgs } from 'node:util';
import { app, type BrowserWindow, dialog, powerMonitor, session } from 'electron';
import type { Keychain } from '../../services/vault/api.ts';
import type { Backend } from '../../rpc/backend.ts';
import { createDispatcher } from '../../rpc/dispatcher.ts';
import { traceOf } from '../../rpc/errors.ts';
import { handlers } from '../../rpc/handlers/index.ts';
import { controlPath } from '../control/path.ts';
import { serveControl } from '../control/server.ts';
import { defaultDataDir } from '../shared/data-dir.ts';
import { describeError, exitCodeOf } from '../shared/exit-codes.ts';
import { findPageDir, loadPageFiles } from '../shared/page-files.ts';
import { serveIpc } from './ipc.ts';
import { desktopKeychain } from './keychain.ts';
import { lockContents, lockSession } from './permissions.ts';
import { registerPageScheme, servePage } from './protocol.ts';
import { bringForward, openWindow } from './window.ts';

export interface DesktopProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Folder of the host's code and of `preload.cjs`. */
  readonly codeDir: string;
  readonly compose: (options: {
    host: 'desktop';
    dataDir: string;
    configPath: string | null;
    keychain?: Keychain;
  }) => Promise<Backend>;
}

/** Runs the desktop host. What must stand before Electron is ready is done at once, before the first await. */
export async function runDesktop(host: DesktopProcess): Promise<void> {
  const { dataDir, configPath } = readDesktopArguments(host, app.isPackaged);
  app.enableSandbox();
  registerPageScheme();
  lockContents(app);
  // Electron's own files lie beside ours, and one window belongs to one data folder.
  app.setPath('userData', path.join(dataDir, 'desktop'));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  let window: BrowserWindow | null = null;
  app.on('second-instance', () => window !== null && bringForward(window));
  app.on('window-all-closed', () => app.quit());

  const opened: (() => Promise<void> | void)[] = [];
  closeBeforeQuit(opened);
  try {
    await app.whenReady();
    const files = await loadPageFiles(findPageDir(host.codeDir));
    lockSession(session.defaultSession);
    servePage(files);
    const keychain = await desktopKeychain(host.platform);
    const backend = await host.compose({
      host: 'desktop',
      dataDir,
      configPath,
      ...(keychain === null ? {} : { keychain }),
    });
    opened.push(() => backend.dispose());
    const dispatcher = createDispatcher(backend, handlers);
    opened.push(() => dispatcher.dispose());
    const ipc = serveIpc(dispatcher, backend.people.openSession(), backend.log);
    // What sleeps is locked (E2): whoever opens the lid is not always who closed it.
    const lock = (): void => backend.people.lockAll('sleep');
    powerMonitor.on('suspend', lock);
    powerMonitor.on('lock-screen', lock);
    opened.push(() => ipc.dispose());
    await serveControl(dispatcher, controlPath(dataDir, host.platform), () => backend.people.openSession()).then(
      (control) => opened.push(() => control.close()),
      (error: unknown) => backend.log.warn('control.unavailable', traceOf(error)),
    );
    window = openWindow(path.join(host.codeDir, 'preload.cjs'));
    window.once('closed', () => {
      window = null;
    });
  } catch (error) {
    dialog.showErrorBox('Scram cannot start', describeError(error));
    await closeAll(opened);
    app.exit(exitCodeOf(error));
  }
}

/** Unknown arguments are Electron's and Chromium's own. */
function readDesktopArguments({ argv, env, platform }: DesktopProcess, packaged: boolean) {
  const { values } = parseArgs({
    args: argv.slice(packaged ? 1 : 2),
    strict: false,
    options: { 'data-dir': { type: 'string' }, config: { type: 'string' } },
  });
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? path.resolve(value) : null);
  return {
    dataDir: text(values['data-dir']) ?? path.resolve(defaultDataDir(env, platform)),
    configPath: text(values.config),
  };
}

/** Holds the first quit back until everything is closed: a change under way gets to write its result down (B2). */
function closeBeforeQuit(opened: (() => Promise<void> | void)[]): void {
  let closing = false;
  app.on('before-quit', (event) => {
    if (closing || opened.length === 0) return;
    closing = true;
    event.preventDefault();
    void closeAll(opened).finally(() => app.exit(0));
  });
}

async function closeAll(opened: (() => Promise<void> | void)[]): Promise<void> {
  for (let close = opened.pop(); close !== undefined; close = opened.pop()) {
    try {
      await close();
    } catch {
      // The others are closed all the same; what failed has logged why.
    }
  }
}
