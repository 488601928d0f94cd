import manifest from '../package.json' with { type: 'json' };
import type { ConfigState } from '../shared/contract/console.ts';
import type { Config } from '../shared/model/config/index.ts';
import { ScramError } from '../shared/model/error.ts';
import type { Marker } from '../shared/model/marker.ts';
import { locateConfig, namesPeople, readText, writeStarterConfig } from './compose/configuration.ts';
import { openDataFolder } from './compose/data-folder.ts';
import { type ConsolePeople, openPeople } from './compose/people.ts';
import { type ResolvedSecrets, resolveSecrets } from './compose/secrets.ts';
import { createServices, type OwnedServices } from './compose/services.ts';
import { systemClock } from './platform/clock.ts';
import { createIds } from './platform/ids.ts';
import { createLog, type RedactingLog, stderrWriter } from './platform/log.ts';
import { dataPaths } from './platform/paths.ts';
import { watchFile } from './platform/watch-file.ts';
import { runCommand } from './platform/run-command.ts';
import type { Backend, ServiceSet } from './rpc/backend.ts';
import { traceOf } from './rpc/errors.ts';
import { createSandbox, type Sandbox } from './sandbox/index.ts';
import type { ConfigService } from './services/config/api.ts';
import type { Ledger } from './services/ledger/api.ts';
import type { Disposable } from './services/ports.ts';
import { createConfigService } from './services/config/config-service.ts';
import { configJsonSchema } from './services/config/json-schema.ts';
import type { Keychain } from './services/vault/api.ts';
import { createNotifyBacklog, tellUnsent } from './services/notify/backlog.ts';
import { createOpenedCredentials } from './services/vault/opened.ts';

export interface ComposeOptions {
  readonly host: Backend['host'];
  readonly dataDir: string;
  /** From --config; null: look for one, and show the sandbox when there is none. */
  readonly configPath: string | null;
  /** Folder and variables of the caller; the process's own when left out. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: RedactingLog;
  /** The operating system's keychain, where the host has one. */
  readonly keychain?: Keychain;
}

/** What happened in the practice world before the console looked is history like any other: noted once. */
function recordHistory(ledger: Ledger, history: readonly Marker[]): void {
  const known = new Set<string>();
  for (const { body } of ledger.of(['flag.seen-changed']))
    if (body.data.kind === 'flag.seen-changed') known.add(body.data.marker.id);
  for (const marker of history) {
    if (!known.has(marker.id)) ledger.append({ kind: 'flag.seen-changed', marker, revision: '' });
  }
}

/** A source that does not answer keeps the page from a new configuration no longer than this, milliseconds. */
const RENEWAL_LIMIT_MS = 1_000;
/** What was just done is told before the console stops, milliseconds: a command of the terminal stops at once. */
const LAST_WORDS_MS = 3_000;

export const PRODUCT = { name: 'Scram', version: manifest.version } as const;

/**
 * The only wiring: a data folder, a configuration or the sandbox, and the services over them. Throws `busy` when
 * another process has the folder, `config-invalid` when the configuration has problems at the start.
 */
export async function compose(options: ComposeOptions): Promise<Backend> {
  const { host, dataDir, configPath, cwd = process.cwd(), env = process.env } = options;
  // A command says in words what went wrong; log lines between them are for who runs a console.
  const log = options.log ?? createLog({ write: stderrWriter(), level: host === 'terminal' ? 'error' : 'warn' });
  const clock = systemClock(log);
  const product = `${PRODUCT.name} ${PRODUCT.version}`;
  const located = locateConfig({ configPath, cwd, env, dataDir });
  const folder = await openDataFolder(dataDir, { host, product, clock, log, team: namesPeople(located) });
  const ids = createIds(() => clock.now());
  const serviceListeners = new Set<(services: ServiceSet) => void>();
  const configListeners = new Set<() => void>();
  const stopping = new AbortController();
  let sandbox: Sandbox | null = null;
  let configuration: ConfigService;
  let services: OwnedServices;
  let people: ConsolePeople;
  let secrets: ResolvedSecrets | null = null;
  let renewing: Promise<void> = Promise.resolve();
  let vaultFollowed: Disposable | null = null;
  /** Digest of the configuration that the record has last. */
  let noted: string | null = null;

  async function openConfiguration(path: string | null): Promise<ConfigService> {
    if (path !== null) return createConfigService({ path, readText, watchFile, clock, log });
    // Practice operators have every right and no secret: never over a team's record and vault.
    if ([...folder.ledger.of(['roster.pinned'])].length > 0) {
      throw new ScramError('refused', `data folder ${dataDir} belongs to a team, and no scram.yaml was found`, {
        action: 'give --config FILE; or --data-dir with another folder to practise',
      });
    }
    sandbox = await createSandbox({ dataDir, clock });
    recordHistory(folder.ledger, sandbox.history);
    return sandbox.configuration;
  }

  function announce(): void {
    for (const listener of configListeners) listener();
  }

  function secretsOf(config: Config): Promise<ResolvedSecrets> {
    const ports = { vault: people.vault(), env, runCommand, registerSecret: log.registerSecret, opened };
    return resolveSecrets(config, ports, stopping.signal);
  }

  async function start(firstLookMs?: number): Promise<OwnedServices> {
    const { config, baseDir, digest, state } = configuration.current();
    if (digest !== noted) folder.ledger.append({ kind: 'config.loaded', source: state.path ?? 'sandbox', digest });
    noted = digest;
    secrets = await secretsOf(config);
    const made = createServices(
      {
        config,
        baseDir,
        workDir: dataPaths(dataDir).work,
        env,
        secret: secrets.secret,
        clock,
        log,
        sandbox: state.mode === 'sandbox' ? sandbox : null,
      },
      {
        ledger: folder.ledger,
        cache: folder.cache,
        ids,
        people: people.service,
        vault: people.vault(),
        opened,
        backlog,
        onUsable: renewSecrets,
      },
      firstLookMs,
    );
    // What a crash left open is looked up at the provider before anything else is done about it.
    made.flags
      .settled()
      .then(() => made.changes.reconcile(stopping.signal))
      .catch((error: unknown) =>
        log.error('reconcile failed', { problem: error instanceof Error ? error.message : '' }),
      );
    return made;
  }

  /**
   * The new set is in force at once; the page hears of it when it has looked at its flags, and goes on showing what it
   * has until then: a table that empties and fills again would lose the place of whoever is reading it (C1).
   */
  async function replaceServices(): Promise<void> {
    const old = services;
    const made = await start(0);
    if (stopping.signal.aborted) return made.dispose();
    services = made;
    old.dispose();
    const looked = Promise.withResolvers<void>();
    const limit = clock.after(RENEWAL_LIMIT_MS, looked.resolve);
    made.flags.settled().then(looked.resolve, looked.resolve);
    await looked.promise;
    limit.dispose();
    if (stopping.signal.aborted) return;
    for (const listener of serviceListeners) listener(made);
  }

  /** One after another: what came in meanwhile is in the configuration, and in the vault, that the next one reads. */
  function renew(): Promise<void> {
    const next = renewing.then(replaceServices);
    renewing = next.catch((error: unknown) => log.error('services.not-renewed', traceOf(error)));
    return next;
  }

  function renewSecrets(): void {
    if (!stopping.signal.aborted) void renew().then(announce, () => undefined);
  }

  /** Connections that wait for the vault are set up as soon as somebody has unlocked it (E2). */
  function followVault(): void {
    vaultFollowed?.dispose();
    const vault = people.vault();
    let wasOpen = vault.open;
    vaultFollowed = vault.onChange(() => {
      const opens = vault.open && !wasOpen;
      wasOpen = vault.open;
      if (opens && secrets?.locked) renewSecrets();
    });
  }

  async function takeUp(): Promise<void> {
    await people.use(configuration.current());
    followVault();
    await renew();
  }

  function follow(): void {
    configuration.onChange((_, configChanged) => {
      const replaced = configChanged ? takeUp() : Promise.resolve();
      replaced.then(announce).catch((error: unknown) => log.error('config.not-taken-up', traceOf(error)));
    });
  }

  const opened = createOpenedCredentials(clock, log.registerSecret);
  const backlog = createNotifyBacklog(tellUnsent(folder.ledger, log));
  try {
    folder.ledger.append({ kind: 'console.started', host, version: PRODUCT.version });
    configuration = await openConfiguration(located);
    people = await openPeople(
      { folder, dataDir, clock, log, keychain: options.keychain ?? null },
      configuration.current(),
    );
    followVault();
    // A command waits for nothing but the flags.
    services = await start(host === 'terminal' ? 0 : undefined);
  } catch (error) {
    opened.dispose();
    folder.close();
    throw error;
  }
  follow();
  // D6: each start walks the whole chain, in steps beside the work; what it finds shows in the frame of every view.
  if (host !== 'terminal') folder.ledger.verifyInSteps(stopping.signal).then(announce, announce);

  return {
    product: PRODUCT,
    host,
    clock,
    ids,
    log,
    ledger: folder.ledger,
    people: people.service,
    renewed: () => renewing,
    config: (): ConfigState => configuration.current().state,
    services: () => services,
    onServices(listener) {
      serviceListeners.add(listener);
      return { dispose: () => serviceListeners.delete(listener) };
    },
    onConfig(listener) {
      configListeners.add(listener);
      return { dispose: () => configListeners.delete(listener) };
    },
    configJsonSchema,
    async initialise(directory) {
      const written = await writeStarterConfig(directory);
      const next = createConfigService({ path: `${written.directory}/scram.yaml`, readText, watchFile, clock, log });
      configuration.dispose();
      configuration = next;
      follow();
      await takeUp();
      await sandbox?.dispose();
      sandbox = null;
      announce();
      return written;
    },
    async dispose() {
      stopping.abort();
      vaultFollowed?.dispose();
      await renewing;
      await services.notify.settled(LAST_WORDS_MS);
      people.service.dispose();
      services.dispose();
      backlog.dispose();
      opened.dispose();
      configuration.dispose();
      await sandbox?.dispose();
      folder.close();
    },
  };
}
