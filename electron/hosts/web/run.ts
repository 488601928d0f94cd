import path from 'node:path';
import { ScramError } from '../../../shared/model/error.ts';
import type { Backend } from '../../rpc/backend.ts';
import { createDispatcher } from '../../rpc/dispatcher.ts';
import { traceOf } from '../../rpc/errors.ts';
import { handlers } from '../../rpc/handlers/index.ts';
import { controlPath } from '../control/path.ts';
import { type ControlServer, serveControl } from '../control/server.ts';
import { defaultDataDir } from '../shared/data-dir.ts';
import { describeError, exitCodeOf } from '../shared/exit-codes.ts';
import { findPageDir } from '../shared/page-files.ts';
import { readWebArguments } from './arguments.ts';
import { openBrowser } from './open-browser.ts';
import { serveWeb } from './server.ts';

export type Compose = (options: { host: 'web'; dataDir: string; configPath: string | null }) => Promise<Backend>;

/** What `main.ts` hands in from the process. */
export interface WebProcess {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Folder of the host's code. */
  readonly codeDir: string;
  readonly compose: Compose;
  out(line: string): void;
  err(line: string): void;
  /** Resolves when the process is asked to end. */
  readonly stopped: Promise<void>;
}

/** Runs the web host until it is asked to end. Returns the exit code (INTERFACES); errors are one clear line. */
export async function runWeb(host: WebProcess): Promise<number> {
  const opened: (() => Promise<void>)[] = [];
  try {
    const args = readWebArguments(host.args);
    const dataDir = path.resolve(args.dataDir ?? defaultDataDir(host.env, host.platform));
    const configPath = args.config === null ? null : path.resolve(args.config);
    const backend = await host.compose({ host: 'web', dataDir, configPath });
    opened.push(() => backend.dispose());
    const dispatcher = createDispatcher(backend, handlers);
    opened.push(() => dispatcher.dispose());
    const pageDir = findPageDir(host.codeDir);
    const web = await serveWeb({ backend, dispatcher, port: args.port, pageDir });
    opened.push(() => web.close());
    const control = await openControl(backend, dispatcher, controlPath(dataDir, host.platform));
    if (control !== null) opened.push(() => control.close());

    if (args.json) host.out(JSON.stringify({ url: web.url, token: web.token, pid: process.pid }));
    else host.out(`scram: open ${web.url}`);
    if (args.open && !(await openBrowser(web.ticketUrl(), host.platform)) && !args.json) {
      host.err('scram: no browser could be started: open the address above yourself');
    }
    await host.stopped;
    await closeAll(opened);
    return 0;
  } catch (error) {
    host.err(`scram: ${error instanceof ScramError ? describeError(error) : oneLine(error)}`);
    await closeAll(opened).catch(() => undefined);
    return exitCodeOf(error);
  }
}

/** Without the control socket the terminal cannot reach this console; the page still works. */
async function openControl(
  backend: Backend,
  dispatcher: Parameters<typeof serveControl>[0],
  socketPath: string,
): Promise<ControlServer | null> {
  try {
    return await serveControl(dispatcher, socketPath, () => backend.people.openSession());
  } catch (error) {
    backend.log.warn('control.unavailable', { ...traceOf(error), path: socketPath });
    return null;
  }
}

/** Last opened, first closed; one that fails does not keep the others open. */
async function closeAll(opened: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (let close = opened.pop(); close !== undefined; close = opened.pop()) {
    await close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
