import path from 'node:path';
import { NODE, type RunningProcess, startProcess, waitFor } from './processes.ts';

const FIXTURE = path.resolve(import.meta.dirname, '../fixtures/checkout-service');

export interface RunningCheckout {
  /** Base address: /checkout, /metrics and /state beneath it. */
  readonly url: string;
  /** `host:port`, as Prometheus names a target and its `instance` label. */
  readonly target: string;
  readonly pid: number;
  /** One request as one user: milliseconds it took, and the variant that the service gave. */
  latency(user?: string): Promise<{ ms: number; variant: 'on' | 'off' }>;
  /** Times the flag file was read with success. */
  configurations(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the checkout service, which evaluates `enable_new_pricing` from `flagFile` for each request's user. */
export async function startCheckout(options: {
  flagFile: string;
  slowMs?: number;
  fastMs?: number;
}): Promise<RunningCheckout> {
  const child = startProcess(NODE, [
    path.join(FIXTURE, 'service.ts'),
    options.flagFile,
    String(options.slowMs ?? 250),
    String(options.fastMs ?? 20),
  ]);
  const url = await firstLine(child, 'url');
  return {
    url,
    target: new URL(url).host,
    pid: child.pid,
    stop: child.stop,
    latency: async (user = 'u0') => {
      const started = performance.now();
      const response = await fetch(`${url}/checkout?user=${encodeURIComponent(user)}`);
      const body = (await response.json()) as { variant: 'on' | 'off' };
      return { ms: performance.now() - started, variant: body.variant };
    },
    configurations: async () => {
      const state = (await (await fetch(`${url}/state`)).json()) as { configurations: number };
      return state.configurations;
    },
  };
}

/** Sends `rps` requests a second as users u0 to u999 in turn, for at most `maxSeconds` (300), in its own process. */
export async function startLoad(
  url: string,
  rps: number,
  maxSeconds = 300,
): Promise<{ pid: number; stop(): Promise<void> }> {
  const child = startProcess(NODE, [path.join(FIXTURE, 'load.ts'), url, String(rps), String(maxSeconds)]);
  await firstLine(child, 'pid');
  return { pid: child.pid, stop: child.stop };
}

/** The text of a flagd file whose flag serves the feature to `percentage` of the users. */
export function checkoutFlags(percentage: number): string {
  const flag = {
    state: 'ENABLED',
    variants: { on: true, off: false },
    defaultVariant: 'off',
    ...(percentage > 0
      ? {
          targeting: {
            fractional: [
              ['on', percentage],
              ['off', 100 - percentage],
            ],
          },
        }
      : {}),
  };
  return `${JSON.stringify({ $schema: 'https://flagd.dev/schema/v0/flags.json', flags: { enable_new_pricing: flag } }, null, 2)}\n`;
}

async function firstLine(child: RunningProcess, key: string): Promise<string> {
  try {
    return await waitFor('the process says that it is ready', () => {
      const line = child.output().split('\n')[0] ?? '';
      if (!line.startsWith('{') || !child.output().includes('\n')) return null;
      return String((JSON.parse(line) as Record<string, unknown>)[key]);
    });
  } catch (error) {
    await child.stop();
    throw new Error(`it did not start: ${child.output()}`, { cause: error });
  }
}
