import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { ScramError } from '../../../shared/model/error.ts';
import { connectControl } from '../../../electron/hosts/control/client.ts';
import { CHANNEL, isOurs } from '../../../electron/hosts/desktop/origin.ts';
import { runDesktop } from '../../../electron/hosts/desktop/run.ts';
import { createFakeBackend, type FakeBackend, flagRow } from '../../support/fake-backend.ts';
import { electron, FakeContents, type FakeWindow, resetElectron } from '../../support/fake-electron.ts';

vi.mock('electron', async () => (await import('../../support/fake-electron.ts')).electron);

let root: string;
let backend: FakeBackend;
let stop: () => Promise<void>;

async function start(over: { compose?: () => Promise<FakeBackend>; argv?: string[] } = {}): Promise<void> {
  await runDesktop({
    argv: ['electron', 'main.js', '--data-dir', path.join(root, 'data'), ...(over.argv ?? [])],
    env: {},
    platform: 'linux',
    codeDir: path.join(root, 'hosts'),
    compose: over.compose ?? (async () => backend),
  });
}

beforeEach(async () => {
  resetElectron();
  root = await mkdtemp(path.join(os.tmpdir(), 'scram-desktop-'));
  for (const folder of ['hosts', 'page/assets', 'data']) await mkdir(path.join(root, folder), { recursive: true });
  await writeFile(path.join(root, 'page/index.html'), 'the page');
  await writeFile(path.join(root, 'page/assets/app-1.js'), 'script');
  await writeFile(path.join(root, 'secret.json'), 'outside');
  backend = createFakeBackend({ host: 'desktop' });
  stop = async () => {
    const event = { prevented: false, preventDefault: () => (event.prevented = true) };
    electron.app.emit('before-quit', event);
    if (event.prevented) await expect.poll(() => electron.recorded.order.at(-1)).toMatch(/^exit/);
  };
});
afterEach(async () => {
  await stop();
  await rm(root, { recursive: true, force: true });
});

const window = (): FakeWindow => electron.recorded.windows[0]!;
const denied = (emitter: { emit(name: string, event: unknown): unknown }, name: string, details: object = {}) => {
  let prevented = false;
  emitter.emit(name, { ...details, preventDefault: () => (prevented = true) });
  return prevented;
};

describe('the start', () => {
  it('sets up sandbox, scheme and lock before it waits for Electron', async () => {
    await start();
    expect(electron.recorded.order).toEqual(['enableSandbox', 'scheme', 'setPath', 'lock', 'ready']);
    expect(electron.recorded.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ]);
    expect(electron.recorded.paths.get('userData')).toBe(path.join(root, 'data/desktop'));
  });

  it('opens one sandboxed, isolated window without Node on the page of ours', async () => {
    await start();
    expect(electron.recorded.windows).toHaveLength(1);
    expect(window().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      preload: path.join(root, 'hosts/preload.cjs'),
    });
    expect(window().loaded).toEqual(['app://scram/']);
    expect(window().calls).toEqual([]);
    window().emit('ready-to-show');
    expect(window().calls).toEqual(['show']);
  });

  it('leaves the field to the instance that runs already, and comes forward for a second one', async () => {
    electron.app.hasLock = false;
    await start();
    expect(electron.recorded.order).toContain('quit');
    expect(electron.recorded.order).not.toContain('ready');
    expect(electron.recorded.windows).toEqual([]);
    resetElectron();
    await start();
    electron.app.emit('second-instance');
    expect(window().calls).toEqual(['restore', 'show', 'focus']);
  });

  it('says what is wrong and ends with the exit code of the error', async () => {
    await start({
      compose: async () => {
        throw new ScramError('config-invalid', 'scram.yaml:3:5: no such environment', { action: 'Name one' });
      },
    });
    expect(electron.recorded.errors).toEqual([
      ['Scram cannot start', 'scram.yaml:3:5: no such environment\n  next: Name one'],
    ]);
    expect(electron.recorded.order.at(-1)).toBe('exit 7');
    expect(electron.recorded.windows).toEqual([]);
  });

  it('closes services and control socket before it quits, once', async () => {
    await start();
    const client = await connectControl(path.join(root, 'data/control.sock'));
    expect(await client.call('ledger.verify', {})).toMatchObject({ verified: 'verified' });
    await stop();
    expect(backend.disposed).toBe(true);
    expect(backend.subscriptions()).toBe(0);
    await expect(connectControl(path.join(root, 'data/control.sock'))).rejects.toMatchObject({ code: 'unreachable' });
    expect(denied(electron.app, 'before-quit')).toBe(false);
  });
});

describe('what the page may not do', () => {
  it('has no permission, device or download, and reaches nothing remote', async () => {
    await start();
    const session = electron.session.defaultSession;
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'fullscreen',
    ]) {
      const answer = vi.fn();
      session.request?.(null, permission, answer);
      expect(answer).toHaveBeenCalledExactlyOnceWith(false);
    }
    expect(session.check?.()).toBe(false);
    expect(session.device?.()).toBe(false);
    expect(denied(session, 'will-download')).toBe(true);
    const cancelled = (url: string) => {
      const answer = vi.fn();
      session.beforeRequest?.({ url }, answer);
      return answer.mock.calls[0]?.[0].cancel;
    };
    expect(cancelled('app://scram/assets/app-1.js')).toBe(false);
    for (const url of ['https://evil.example/', 'http://127.0.0.1/', 'file:///etc/passwd', 'app://other/', 'ws://a/']) {
      expect(cancelled(url), url).toBe(true);
    }
  });

  it('opens no window, embeds nothing and goes nowhere else', async () => {
    await start();
    const contents = window().webContents;
    expect(contents.openHandler?.({ url: 'app://scram/' })).toEqual({ action: 'deny' });
    expect(denied(contents, 'will-attach-webview')).toBe(true);
    for (const url of [
      'https://evil.example/',
      'file:///etc/passwd',
      'app://evil/',
      'javascript:alert(1)',
      'about:blank',
    ]) {
      expect(denied(contents, 'will-navigate', { url }), url).toBe(true);
      expect(denied(contents, 'will-redirect', { url }), url).toBe(true);
      expect(denied(contents, 'will-frame-navigate', { url, isMainFrame: true }), url).toBe(true);
    }
    expect(denied(contents, 'will-frame-navigate', { url: 'app://scram/now', isMainFrame: false })).toBe(true);
    expect(denied(contents, 'will-navigate', { url: 'app://scram/now' })).toBe(false);
  });

  it.each([
    ['app://scram/', true],
    ['app://scram/flags/a/b?c#d', true],
    ['app://scram.evil.example/', false],
    ['app://evil/', false],
    ['app://user@scram/', false],
    ['app://scram:80/', false],
    ['https://scram/', false],
    ['data:text/html,app://scram/', false],
    ['', false],
  ])('%s is ours: %s', (url, ours) => {
    expect(isOurs(url)).toBe(ours);
  });

  it('gets its files from memory with the policy of the web host, and no other file', async () => {
    await start();
    const handler = electron.recorded.protocols.get('app')!;
    const get = async (url: string, method = 'GET') => handler(new Request(url, { method }));
    const page = await get('app://scram/now');
    expect(await page.text()).toBe('the page');
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(await (await get('app://scram/assets/app-1.js')).text()).toBe('script');
    for (const target of ['../secret.json', '%2e%2e/secret.json', '..%2fsecret.json', 'flags/..%2f..%2fsecret.json']) {
      const answer = await get(`app://scram/${target}`);
      expect(answer.status, target).toBe(404);
    }
    expect((await get('app://evil/')).status).toBe(403);
    expect((await get('app://scram/', 'POST')).status).toBe(403);
  });
});

describe('frames over IPC', () => {
  const post = (contents: FakeContents, mark: unknown, text: unknown, senderFrame: unknown = contents.mainFrame) =>
    electron.ipcMain.emit(CHANNEL, { sender: contents, senderFrame }, mark, text);
  const verify = (id: string) => JSON.stringify({ type: 'call', id, op: 'ledger.verify', input: {} });
  const watch = JSON.stringify({ type: 'listen', id: 's', op: 'flags.watch', input: { environment: 'production' } });

  it('are answered to the main frame of our page, marked as they came', async () => {
    await start();
    const contents = window().webContents;
    post(contents, 'load-1', verify('1'));
    await expect.poll(() => contents.sent.length).toBe(1);
    expect(contents.sent[0]?.slice(0, 2)).toEqual([CHANNEL, 'load-1']);
    expect(JSON.parse(contents.sent[0]![2])).toMatchObject({ type: 'result', id: '1' });
  });

  it('are dropped from another frame, another origin, or a frame that is gone', async () => {
    await start();
    const contents = window().webContents;
    post(contents, 'm', watch, { url: 'app://scram/now' });
    post(contents, 'm', watch, null);
    const evil = new FakeContents();
    evil.mainFrame.url = 'https://evil.example/';
    post(evil, 'm', watch);
    evil.mainFrame.url = 'app://scram.evil.example/';
    post(evil, 'm', watch);
    post(contents, { toString: () => 'm' }, watch);
    post(contents, '', watch);
    expect(backend.subscriptions()).toBe(0);
    expect(contents.sent).toEqual([]);
    expect(evil.sent).toEqual([]);
    expect(backend.logged.filter(({ event }) => event === 'desktop.foreign-frame')).toHaveLength(4);
  });

  it('get a typed error when they are no frames', async () => {
    await start();
    const contents = window().webContents;
    for (const text of [7, null, { type: 'call' }, '{', undefined]) post(contents, 'm', text);
    expect(contents.sent).toHaveLength(5);
    for (const [, , text] of contents.sent)
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'invalid-frame' } });
  });

  it('of a load of the page end with it: a reload, a crash and a closed window leave no stream behind', async () => {
    await start();
    const contents = window().webContents;
    post(contents, 'load-1', watch);
    post(contents, 'load-2', watch);
    expect(backend.events.rows.listeners.size).toBe(1);
    const before = contents.sent.length;
    backend.events.rows.emit({ upserts: [flagRow('flag-1')], removals: [] });
    expect(contents.sent.slice(before).map(([, mark]) => mark)).toEqual(['load-2']);
    contents.emit('render-process-gone');
    expect(backend.events.rows.listeners.size).toBe(0);
    post(contents, 'load-3', watch);
    contents.gone = true;
    contents.emit('destroyed');
    expect(backend.events.rows.listeners.size).toBe(0);
  });
});

describe('the package', () => {
  it('has its fuses set so that the binary runs nothing but this program', async () => {
    const file = parse(await readFile(path.resolve(import.meta.dirname, '../../../electron-builder.yml'), 'utf8'));
    expect(file.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
    expect(file.asar).toBe(true);
  });
});
