import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock } from '../../../services/ports.ts';
import type { Api } from '../../shared/api.ts';
import { pause } from './pause.ts';
import { type FlagPage, flagsSchema, type LdFlag } from './schema.ts';

/** Most flags that one page holds. */
export const PAGE = 100;
/** Pages that are asked for at once. */
const AT_ONCE = 4;
/** A list that changes while it is read is read again so often. */
const ATTEMPTS = 3;
const RATE_ATTEMPTS = 5;
/** A limit that lasts longer is told of instead of waited for, milliseconds. */
const PATIENCE_MS = 20_000;

export interface Listed {
  readonly flags: readonly LdFlag[];
  /** LaunchDarkly's clock at the first answer, epoch ms, whole seconds; ours where it does not tell. */
  readonly beganAtMs: number;
}

export interface ListOptions {
  readonly api: Api;
  readonly project: string;
  readonly clock: Clock;
}

/**
 * Every live flag of a project, with its configuration in up to three environments (more are not answered for). Pages are
 * read side by side within the limits that the answers tell. Throws rather than give half a list.
 */
export async function listFlags(
  { api, project, clock }: ListOptions,
  environments: readonly string[],
  signal: AbortSignal,
): Promise<Listed> {
  const wanted = environments.map((key) => `env=${encodeURIComponent(key)}`).join('&');
  const page = async (offset: number): Promise<{ page: FlagPage; dateMs: number }> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { value, response } = await api.ask({
          method: 'GET',
          path: `/api/v2/flags/${encodeURIComponent(project)}?${wanted}`,
          // Summaries leave out targets, rules and prerequisites, without which nothing can be told or restored.
          query: { summary: 0, limit: PAGE, offset, sort: 'key' },
          schema: flagsSchema,
          what: `the flags of project ${project}`,
          // The pages after the first wait for the end of a limit that the answers tell to be used up.
          background: offset > 0,
          signal,
        });
        return { page: value, dateMs: response.dateMs ?? clock.now() };
      } catch (error) {
        const retryMs = error instanceof ScramError && error.code === 'rate-limited' ? error.retryAfterMs : null;
        if (retryMs === null || retryMs > PATIENCE_MS || attempt === RATE_ATTEMPTS) throw error;
        await pause(clock, retryMs, signal);
      }
    }
  };

  for (let attempt = 1; ; attempt += 1) {
    const first = await page(0);
    const { totalCount } = first.page;
    // A service that gives smaller pages than asked for says so by the size of the first.
    const size = first.page._links?.next ? first.page.items.length : PAGE;
    const offsets: number[] = [];
    for (let at = Math.max(1, size); at < totalCount; at += Math.max(1, size)) offsets.push(at);
    const pages = [first.page, ...(await inParallel(offsets, async (offset) => (await page(offset)).page))];
    const flags = new Map(pages.flatMap(({ items }) => items.map((flag) => [flag.key, flag] as const)));
    // A flag that came or went in between moves the others from page to page.
    const whole = flags.size === totalCount && pages.every((one) => one.totalCount === totalCount);
    if (whole) return { flags: [...flags.values()], beganAtMs: first.dateMs };
    if (attempt === ATTEMPTS) {
      throw new ScramError('provider', `${api.name}: the list of flags has ${totalCount}, its pages ${flags.size}`, {
        retryable: true,
        action:
          "Flags are being made or removed just now, or LaunchDarkly's pages do not fit together; it is read again.",
      });
    }
  }
}

export async function inParallel<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next;
      next += 1;
      try {
        results[index] = await run(items[index] as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}
