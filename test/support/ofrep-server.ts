import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { FlagdCore } from '@openfeature/flagd-core';
import { type ApiCall, type ApiServer, type Reply, startApiServer } from './api-server.ts';
import { waitFor } from './processes.ts';

export interface OfrepServerOptions {
  /** A flagd flag file, JSON; read anew at every `refreshMs`. */
  readonly file: string;
  /** As a relay polls its source, milliseconds; 50 by default. */
  readonly refreshMs?: number;
  readonly region?: string;
  /** Credential that is demanded, as `Authorization: Bearer …` or `X-API-Key: …`. */
  readonly token?: string;
  /** False: single evaluation alone, as servers of the protocol's first drafts. */
  readonly bulk?: boolean;
  readonly port?: number;
}

export interface OfrepServer extends ApiServer {
  readonly region: string;
  /** Returns when the file as it is now is what is served. */
  refreshed(): Promise<void>;
}

const silent = { error() {}, warn() {}, info() {}, debug() {} };
const PREFIX = '/ofrep/v1/evaluate/flags';

/**
 * A real OFREP server (open-feature/protocol, service/openapi.yaml) over a flagd file: flagd's own evaluator answers, as
 * `flagd start` does on its port 8016. Strict: anything that the document does not allow is refused as it says.
 */
export async function startOfrepServer(options: OfrepServerOptions): Promise<OfrepServer> {
  let core = new FlagdCore(undefined, silent);
  let text = '';

  async function refresh(): Promise<void> {
    const now = await readFile(options.file, 'utf8');
    if (now === text) return;
    const next = new FlagdCore(undefined, silent);
    // A file that cannot be used leaves the last good one in force, as in flagd.
    next.setConfigurations(now);
    core = next;
    text = now;
  }
  await refresh();
  const timer = setInterval(() => void refresh().catch(() => undefined), options.refreshMs ?? 50);

  /** The answer for one flag, or the failure with its status. */
  function evaluate(key: string, context: Record<string, unknown>): Reply {
    const flag = core.getFlags().has(key) ? core.getFlag(key) : undefined;
    if (flag === undefined || flag.state === 'DISABLED') {
      const errorDetails = flag === undefined ? `flag \`${key}\` does not exist` : `flag \`${key}\` is disabled`;
      return { status: 404, body: { key, errorCode: 'FLAG_NOT_FOUND', errorDetails } };
    }
    const result = flag.evaluate(context as never, silent);
    if (result.errorCode !== undefined) {
      return { status: 400, body: { key, errorCode: result.errorCode, errorDetails: result.errorMessage ?? '' } };
    }
    const { value, variant, reason } = result;
    return {
      status: 200,
      body: {
        key,
        reason,
        ...(value === undefined ? {} : { value }),
        ...(variant === undefined ? {} : { variant }),
        metadata: result.flagMetadata ?? {},
      },
    };
  }

  function answer({ method, path, headers, json }: ApiCall): Reply {
    const { token } = options;
    const [bearer, apiKey] = [headers.authorization, headers['x-api-key']];
    if (token !== undefined && bearer !== `Bearer ${token}` && apiKey !== token) return { status: 401 };
    const key = path.startsWith(`${PREFIX}/`) ? decodeURIComponent(path.slice(PREFIX.length + 1)) : null;
    if ((path !== PREFIX && !key) || key?.includes('/')) return { status: 404 };
    if (method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    if (key === null && options.bulk === false) return { status: 404 };

    const refuse = (errorCode: string, errorDetails: string): Reply => ({
      status: 400,
      body: key === null ? { errorCode, errorDetails } : { key, errorCode, errorDetails },
    });
    if (!/^application\/json\b/.test(headers['content-type'] ?? '') || json === undefined) {
      return refuse('PARSE_ERROR', 'the body is not JSON');
    }
    const context = typeof json === 'object' && json !== null && 'context' in json ? json.context : undefined;
    if (typeof context !== 'object' || context === null || Array.isArray(context)) {
      return refuse('INVALID_CONTEXT', 'the context is not an object');
    }
    if (!('targetingKey' in context) || typeof context.targetingKey !== 'string' || context.targetingKey === '') {
      return refuse('TARGETING_KEY_MISSING', 'the context has no targetingKey');
    }
    if (key !== null) return evaluate(key, { ...context });
    // flagd leaves disabled flags out of a bulk evaluation, and lists failures among the flags.
    const answers = [...core.getFlags().keys()].map((name) => evaluate(name, { ...context }));
    const flags = answers.filter(({ status }) => status !== 404).map((one) => one.body);
    const etag = `"${hash('sha256', JSON.stringify(flags))}"`;
    const wanted = (headers['if-none-match'] ?? '').split(',').map((part) => part.trim());
    if (wanted.includes(etag)) return { status: 304, headers: { etag } };
    return { status: 200, body: { flags }, headers: { etag } };
  }

  const server = await startApiServer(answer, options.port);
  return Object.assign(server, {
    region: options.region ?? 'eu-west',
    refreshed: async () => {
      await waitFor('the flag file is served', async () => (await readFile(options.file, 'utf8')) === text, {
        everyMs: 10,
      });
    },
    stop: ((stop) => () => {
      clearInterval(timer);
      return stop();
    })(server.stop),
  });
}
