import { z } from 'zod';
import type { HttpConnectionConfig } from '../../../../shared/model/config/connections/http.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { isJsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import type { Api } from '../../shared/api.ts';
import type { Item } from './normalise.ts';
import { describe, lookUp, valueAt } from './pointer.ts';
import { fill, fillPointer, type Values } from './template.ts';

/** What came from JSON.parse is JSON. */
export const anyJson = z.unknown() as z.ZodType<JsonValue>;

/** Pages after which a list that never ends is given up. */
const MOST_PAGES = 1000;

export interface ListOptions {
  readonly api: Api;
  readonly url: string;
  readonly list: HttpConnectionConfig['list'];
  readonly key: string | undefined;
}

export interface Listed {
  readonly items: readonly Item[];
  /** Entity tag of a list of one page: tells for the next look whether anything changed. */
  readonly etag: string | null;
}

/** Every flag of an environment, page after page; null when `etag` still names the list. Never half a list. */
export async function listItems(
  options: ListOptions,
  environment: string,
  etag: string | null,
  signal: AbortSignal,
): Promise<Listed | null> {
  const { api, list } = options;
  const cursored = list.path.includes('$cursor') || JSON.stringify(list.body ?? null).includes('$cursor');
  const items = new Map<string, Item>();
  const visited = new Set<string>();
  let values: Values = { environment, ...(cursored ? { cursor: '' } : {}) };
  let path: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const filled = fill(list, values);
    const request = {
      ...filled,
      path: path ?? filled.path,
      method: list.method,
      schema: anyJson,
      what: `the flags of ${environment}`,
      idempotentRead: true,
      background: page > 0,
      signal,
    };
    const answer = etag !== null && page === 0 ? await api.askIfChanged(request, etag) : await api.ask(request);
    if (answer === null) return null;
    for (const item of itemsOf(answer.value, options, values)) {
      if (items.has(item.key)) {
        throw new ScramError('provider', `${api.name}: the list of ${environment} has flag ${item.key} twice`, {
          retryable: true,
          action: 'Flags may be moving from page to page just now. If it stays so, check list.items and flag.key.',
        });
      }
      items.set(item.key, item);
    }
    const next = list.next === undefined ? null : valueAt(answer.value, fillPointer(list.next, values));
    if (next === null || next === '' || next === false) {
      return { items: [...items.values()], etag: page === 0 ? answer.etag : null };
    }
    const mark = JSON.stringify(next);
    if (visited.has(mark)) throw unending(options, `${list.next} names ${mark} again`);
    visited.add(mark);
    if (cursored) values = { ...values, cursor: next };
    else path = pathOf(next, options, filled.path);
  }
  throw unending(options, `there are more than ${MOST_PAGES} pages`);
}

/** The flags of one answer. Throws `provider`, saying what is there instead. */
function itemsOf(document: JsonValue, options: ListOptions, values: Values): readonly Item[] {
  const found = findItems(document, options, values);
  if ('items' in found) return found.items;
  throw new ScramError('provider', `${options.api.name}: the list does not fit its mapping: ${found.problem}`, {
    action: "Check the connection's list in scram.yaml; scram check --probe shows every field.",
  });
}

type ItemsFound = { readonly items: readonly Item[] } | { readonly problem: string };

/** The flags of one answer, or in words what is there instead. */
export function findItems(document: JsonValue, { list, key }: ListOptions, values: Values): ItemsFound {
  const pointer = fillPointer(list.items, values);
  const found = lookUp(document, pointer);
  if ('problem' in found) return found;
  const { value } = found;
  if (!Array.isArray(value) && !isJsonObject(value)) {
    return { problem: `${pointer || 'the answer'}: expected a list or an object, ${describe(value)}` };
  }
  if (Array.isArray(value) && key === undefined) {
    return { problem: `at ${pointer || 'the top'} is a list, so that flag.key must be mapped` };
  }
  const items: Item[] = [];
  for (const [name, item] of Object.entries(value)) {
    if (key === undefined) {
      items.push({ key: name, item });
      continue;
    }
    const told = lookUp(item, key);
    const where = `at ${pointer}/${name}`;
    if ('problem' in told) return { problem: `${where}: ${told.problem}` };
    if (typeof told.value !== 'string' || told.value === '') {
      return { problem: `${where}: ${key}: expected a text, ${describe(told.value)}` };
    }
    items.push({ key: told.value, item });
  }
  return { items };
}

/** The next page's path below the connection's address. It never leads to another host, which would get the credential. */
function pathOf(next: JsonValue, { api, url, list }: ListOptions, before: string): string {
  const base = new URL(url);
  const prefix = base.pathname.replace(/\/+$/, '');
  if (typeof next === 'string' && next.startsWith('?')) return before.replace(/\?.*$/s, '') + next;
  const target = typeof next === 'string' && /^(https?:)?\//i.test(next) ? URL.parse(next, base.origin) : null;
  if (target === null) {
    throw new ScramError('provider', `${api.name}: ${list.next} is no path: ${describe(next)}`, {
      action: 'If it is a cursor, put $cursor into list.path, such as /flags?cursor=$cursor.',
    });
  }
  if (target.origin !== base.origin) {
    throw new ScramError(
      'provider',
      `${api.name}: the next page is on another host, ${target.host}; it was not asked`,
      {
        action: "Give the service's own address as the connection's url.",
      },
    );
  }
  const path = `${target.pathname}${target.search}`;
  return prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
}

function unending({ api }: ListOptions, why: string): ScramError {
  return new ScramError('provider', `${api.name}: the pages of the list do not end: ${why}`, {
    action: 'Check list.next in scram.yaml.',
  });
}
