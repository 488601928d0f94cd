import { isDeepStrictEqual } from 'node:util';
import { ScramError } from '../../../../shared/model/error.ts';
import { isJsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import type { ProbeField, ProbeReport } from '../../../../shared/model/probe.ts';
import { anyJson, findItems, type ListOptions } from './list.ts';
import { type Item, pointersOf, timeAt } from './normalise.ts';
import { describe, lookUp } from './pointer.ts';
import type { HttpFlagsOptions } from './provider.ts';
import { fill, fillPointer, type Values } from './template.ts';

const LONGEST = 100;

type Found = Omit<ProbeField, 'name'>;

/**
 * Makes the requests `list` and `read` and tells of each mapped field what was found: what `scram check --probe` shows.
 * Nothing is written. The credential is taken out of every value.
 */
export async function probe(
  options: HttpFlagsOptions,
  listOptions: ListOptions,
  signal: AbortSignal,
): Promise<ProbeReport> {
  const { config, api, redact, clock } = options;
  const fields: ProbeField[] = [];
  const started = performance.now();
  let latencyMs: number | null = null;
  let clockSkewMs: number | null = null;
  let canRead = true;

  const shown = (value: JsonValue): string => {
    // Redacted before it is cut: half a secret is one too.
    const text = redact(typeof value === 'string' ? value : JSON.stringify(value));
    return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
  };
  const add = (name: string, found: Found): void => {
    if (found.problem !== null) canRead = false;
    fields.push({ name, ...found, problem: found.problem === null ? null : redact(found.problem) });
  };

  async function ask(what: string, request: Parameters<typeof fill>[0] & { method: 'GET' | 'POST' }, values: Values) {
    const { value, response } = await api.ask({
      ...fill(request, values),
      method: request.method,
      schema: anyJson,
      what,
      idempotentRead: true,
      signal,
    });
    latencyMs ??= performance.now() - started;
    if (response.dateMs !== null) clockSkewMs ??= response.dateMs - clock.now();
    return value;
  }

  /**
   * Each mapped part of a flag, from the first of the items that has it. Key, value and revision must be there in each;
   * of the others a flag may be without one, if it is so in `listed` too.
   */
  function addFlag(name: string, items: readonly Item[], environment: string, listed?: JsonValue): void {
    for (const part of Object.keys(config.flag) as (keyof typeof config.flag)[]) {
      if (config.flag[part] === undefined) continue;
      const looks = items.map(({ key, item }) => {
        const source = pointersOf(config, { flag: key, environment })[part] ?? '';
        return { source, item, found: lookUp(item, source) };
      });
      const needed = part === 'key' || part === 'value' || part === 'revision';
      const missing = looks.find(({ found }) => 'problem' in found);
      const present = looks.find(({ found }) => 'value' in found && found.value !== null);
      const chosen = (needed ? missing : undefined) ?? present ?? looks[0];
      if (chosen === undefined) continue;
      const { source, found, item } = chosen;
      if ('problem' in found) {
        const usual = !needed && listed !== undefined && 'problem' in lookUp(listed, source);
        add(`${name}.${part}`, { source, value: null, problem: usual ? null : found.problem });
      } else {
        const problem =
          needed && found.value === null ? `${source}: there is null` : misread(part, item, source, found.value);
        add(`${name}.${part}`, { source, value: shown(found.value), problem });
      }
    }
  }

  function misread(part: string, item: JsonValue, source: string, value: JsonValue): string | null {
    if (value === null) return null;
    if (part === 'changedAt' && timeAt(item, source) === null) return `${source}: no time`;
    if (part === 'percentage' && !(typeof value === 'number' && value >= 0 && value <= 100)) {
      return `${source}: expected a number from 0 to 100`;
    }
    return null;
  }

  /** Null when the list could not be read. */
  async function probeList(ours: string, environment: string): Promise<readonly Item[] | null> {
    const name = `${ours}: list`;
    const values: Values = { environment, cursor: '' };
    const source = `${config.list.method} ${config.list.path}`;
    let document: JsonValue;
    try {
      document = await ask(`the flags of ${environment}`, config.list, values);
    } catch (error) {
      add(name, { source, value: null, problem: wordsOf(error) });
      return null;
    }
    add(name, {
      source,
      value: isJsonObject(document) || Array.isArray(document) ? describe(document) : shown(document),
      problem: null,
    });
    const items = fillPointer(config.list.items, values);
    const read = findItems(document, listOptions, values);
    if ('problem' in read) {
      add(`${name}.items`, { source: items, value: null, problem: read.problem });
      return null;
    }
    const found = read.items;
    add(`${name}.items`, { source: items, value: `${found.length} flags`, problem: null });
    if (config.list.next !== undefined) {
      const pointer = fillPointer(config.list.next, values);
      const next = lookUp(document, pointer);
      // Absent on a last page, as most services have it.
      const value = 'value' in next && next.value !== null ? shown(next.value) : 'none: this is the last page';
      add(`${name}.next`, { source: pointer, value, problem: null });
    }
    addFlag(`${ours}: list flag`, found, environment);
    addValues(ours, found, environment);
    return found;
  }

  /** Flags that are neither on nor off cannot be killed: with all of them so, on and off are mapped wrong. */
  function addValues(ours: string, items: readonly Item[], environment: string): void {
    const { on, off } = config;
    const values = items.flatMap(({ key, item }) => {
      const found = lookUp(item, pointersOf(config, { flag: key, environment }).value);
      return 'value' in found ? [found.value] : [];
    });
    const is = (wanted: JsonValue): number => values.filter((value) => isDeepStrictEqual(value, wanted)).length;
    const others = values.length - is(on) - is(off);
    const samples = [...new Set(values.map(shown))].slice(0, 3).join(', ');
    add(`${ours}: on and off`, {
      source: `on ${JSON.stringify(on)}, off ${JSON.stringify(off)}`,
      value: `${is(on)} on, ${is(off)} off, ${others} others`,
      problem:
        values.length > 0 && others === values.length
          ? `no flag is ${JSON.stringify(on)} or ${JSON.stringify(off)}: there is ${samples}`
          : null,
    });
  }

  async function probeRead(ours: string, environment: string, { key, item }: Item): Promise<void> {
    const name = `${ours}: read`;
    const values: Values = { flag: key, environment };
    const source = `${config.read.method} ${config.read.path}`;
    try {
      const document = await ask(`flag ${key}`, config.read, values);
      const pointer = fillPointer(config.read.item, values);
      const found = lookUp(document, pointer);
      if ('problem' in found) return add(`${name}.item`, { source: pointer, value: null, problem: found.problem });
      add(`${name}.item`, { source: pointer, value: key, problem: null });
      addFlag(`${ours}: read flag`, [{ key, item: found.value }], environment, item);
      const at = pointersOf(config, values);
      const [listed, single] = [lookUp(item, at.value), lookUp(found.value, at.value)];
      if ('value' in listed && 'value' in single && !isDeepStrictEqual(listed.value, single.value)) {
        add(`${ours}: list and read`, {
          source: at.value,
          value: shown(single.value),
          problem: `the list has ${shown(listed.value)} for ${key}: the two do not mean the same, or the list is cached`,
        });
      }
    } catch (error) {
      add(name, { source, value: null, problem: wordsOf(error) });
    }
  }

  let flags = 0;
  for (const [ours, environment] of Object.entries(config.environments)) {
    const items = await probeList(ours, environment);
    flags += items?.length ?? 0;
    const [first] = items ?? [];
    if (first) await probeRead(ours, environment, first);
  }
  const { write } = config;
  fields.push({
    name: 'write',
    source: write ? `${write.method} ${write.path}` : null,
    value: write ? 'not tried: it would change a flag' : 'none: this connection only shows',
    problem: null,
  });
  const problems = fields.flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}`]));
  return {
    ok: canRead,
    latencyMs: latencyMs ?? performance.now() - started,
    clockSkewMs,
    canRead,
    canWrite: write ? null : false,
    detail: problems.length > 0 ? problems.join('; ') : `${api.name}: ${flags} flags, every mapped field was found`,
    fields,
  };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof ScramError)) return error instanceof Error ? error.message : String(error);
  return error.action === null ? error.message : `${error.message}. ${error.action}`;
}
