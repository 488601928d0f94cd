import path from 'node:path';
import type { DeltaOf, SnapshotOf, StreamName } from '../../../shared/contract/index.ts';
import type { ResponseFrame } from '../../../shared/contract/frames.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { compose } from '../../compose.ts';
import { locateConfig } from '../../compose/configuration.ts';
import { readLockHolder } from '../../platform/lock.ts';
import { type Client, type ClientTransport, createClient } from '../../rpc/client.ts';
import { createDispatcher, type Dispatcher } from '../../rpc/dispatcher.ts';
import { handlers } from '../../rpc/handlers/index.ts';
import type { PersonSession } from '../../services/operators/api.ts';
import { connectControl } from '../control/client.ts';
import { controlPath } from '../control/path.ts';
import { type ControlServer, serveControl } from '../control/server.ts';
import type { ConsoleClient } from './client.ts';

const SNAPSHOT_LIMIT_MS = 20_000;

export interface OpenOptions {
  readonly dataDir: string;
  readonly configPath: string | null;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Frames within this process, as JSON values: the same way as from any other host. */
function inProcess(dispatcher: Dispatcher, person: PersonSession): ClientTransport {
  const frameListeners = new Set<(frame: ResponseFrame) => void>();
  const closeListeners = new Set<() => void>();
  const connection = dispatcher.open({ person, host: 'terminal' }, (frame) => {
    for (const listener of frameListeners) listener(frame);
  });
  return {
    send: (frame) => connection.receive(JSON.stringify(frame)),
    onFrame: (listener) => void frameListeners.add(listener),
    onClose: (listener) => void closeListeners.add(listener),
    close() {
      connection.close();
      for (const listener of closeListeners) listener();
    },
  };
}

/** Listens until `done`, or until the time is up and there is something to return. */
function listenUntil<K extends StreamName>(
  client: Client,
  op: K,
  input: Parameters<Client['listen']>[1],
  done: (value: SnapshotOf<K> | DeltaOf<K>) => boolean,
  limitMs: number,
): Promise<SnapshotOf<K> | DeltaOf<K>> {
  return new Promise((resolve, reject) => {
    let last: SnapshotOf<K> | DeltaOf<K> | undefined;
    const finish = (settle: () => void) => {
      clearTimeout(limit);
      stream.dispose();
      settle();
    };
    const take = (value: SnapshotOf<K> | DeltaOf<K>) => {
      last = value;
      if (done(value)) finish(() => resolve(value));
    };
    const limit = setTimeout(() => {
      const value = last;
      if (value !== undefined) finish(() => resolve(value));
      else finish(() => reject(new ScramError('timeout', `${op} gave no answer within ${limitMs} ms`)));
    }, limitMs);
    const stream = client.listen(op, input as never, {
      snapshot: (value) => queueMicrotask(() => take(value as SnapshotOf<K>)),
      delta: (value) => take(value as DeltaOf<K>),
      error: (error) => queueMicrotask(() => finish(() => reject(error))),
    });
  });
}

type Ends = Pick<ConsoleClient, 'mode' | 'close' | 'settled' | 'serveOthers'>;

function consoleClient(client: Client, ends: Ends): ConsoleClient {
  return {
    ...ends,
    call: (op, input) => client.call(op, input),
    watch: (op, input, done, limitMs) => listenUntil(client, op, input as never, done, limitMs),
    async snapshot<K extends StreamName>(op: K, input: Parameters<ConsoleClient['snapshot']>[1]) {
      return (await listenUntil(client, op, input as never, () => true, SNAPSHOT_LIMIT_MS)) as SnapshotOf<K>;
    },
  };
}

async function attach(options: OpenOptions): Promise<ConsoleClient> {
  const client = await connectControl(controlPath(options.dataDir, process.platform));
  const attached = consoleClient(client, {
    mode: 'attached',
    settled: async () => undefined,
    serveOthers: async () => undefined,
    close: async () => client.dispose(),
  });
  const asked = options.configPath === null ? null : locateConfig(options);
  const { config } = await attached.snapshot('console.watch', {});
  if (asked !== null && config.path !== asked) {
    client.dispose();
    throw new ScramError(
      'busy',
      `a console with another configuration (${config.path ?? 'sandbox'}) holds ${options.dataDir}`,
      {
        action: 'leave --config out to use that console, close it, or give another folder with --data-dir',
      },
    );
  }
  return attached;
}

/**
 * The console that holds the data folder when one runs (B3: with the configuration that was asked for, or an error),
 * otherwise one of our own for the time of the command.
 */
export async function openClient(given: OpenOptions): Promise<ConsoleClient> {
  const options = { ...given, dataDir: path.resolve(given.cwd, given.dataDir) };
  if (readLockHolder(options.dataDir) !== null) {
    try {
      return await attach(options);
    } catch (error) {
      // It is about to end, or has no socket: compose() says who holds the folder, or finds it free by now.
      if (!(error instanceof ScramError) || error.code !== 'unreachable') throw error;
    }
  }
  const backend = await compose({ host: 'terminal', ...options });
  const dispatcher = createDispatcher(backend, handlers);
  const client = createClient(inProcess(dispatcher, backend.people.openSession()));
  await backend.services().flags.settled();
  let control: ControlServer | null = null;
  return consoleClient(client, {
    mode: 'own',
    settled: () => backend.services().flags.settled(),
    async serveOthers() {
      control ??= await serveControl(dispatcher, controlPath(options.dataDir, process.platform), () =>
        backend.people.openSession(),
      );
    },
    async close() {
      await control?.close();
      client.dispose();
      await dispatcher.dispose();
      await backend.dispose();
    },
  });
}
