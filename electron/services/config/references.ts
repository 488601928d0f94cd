import { FLAG_KINDS, METRIC_KINDS } from '../../../shared/model/config/index.ts';
import type { Finding } from './explain-issue.ts';
import { type Path, valueAt } from './locate.ts';
import { nearName } from '../../../shared/rules/naming.ts';
import { redact, showValue } from './show-value.ts';

/** Settings of a connection that are by environment. */
const ENVIRONMENT_MAPS = ['environments', 'files', 'keys', 'resources'];

interface Item {
  readonly path: Path;
  readonly value: unknown;
}

/**
 * Checks what one part of the file says of another: ids that exist once, names that exist, connections of the right
 * sort. Works on the file as read, so that it finds these beside the mistakes that the model finds, all at once (C1).
 */
export function checkReferences(raw: unknown): Finding[] {
  const findings: Finding[] = [];
  const environments = new Set(namesIn(valueAt(raw, ['environments'])));
  const connections = listAt(raw, ['connections']);
  const kinds = new Map(connections.map((item) => [textAt(item.value, 'id') ?? '', textAt(item.value, 'kind')]));

  function report(
    path: Path,
    at: 'key' | 'value',
    value: string,
    message: string,
    names: Iterable<string>,
    what: string,
  ): void {
    const known = [...names].filter((name) => name !== '');
    const near = nearName(value, known);
    const expected = known.length > 0 ? `one of: ${known.join(', ')}` : what;
    const shown = at === 'key' ? showValue(value, []) : showValue(value, path);
    findings.push({
      path,
      at,
      value: shown,
      message: redact(near ? `${message}; did you mean ${near}?` : message),
      expected,
    });
  }

  function once(items: readonly Item[], what: string, idOf: (item: Item) => string | null, key = 'id'): void {
    const seen = new Set<string>();
    for (const item of items) {
      const id = idOf(item);
      if (id === null) continue;
      const path = [...item.path, key];
      if (seen.has(id)) {
        const shown = showValue(valueAt(item.value, [key]), path);
        findings.push({
          path,
          at: 'value',
          value: shown,
          message: redact(`${what} ${id} is there twice`),
          expected: 'each once',
        });
      }
      seen.add(id);
    }
  }

  function environment(name: string | null, path: Path, at: 'key' | 'value'): void {
    if (name !== null && !environments.has(name))
      report(path, at, name, `no environment is called ${name}`, environments, 'a name under environments');
  }

  function connection(item: Item, role: 'flags' | 'metrics'): void {
    const id = textAt(item.value, 'connection');
    if (id === null) return;
    const path = [...item.path, 'connection'];
    const wanted = role === 'flags' ? FLAG_KINDS : METRIC_KINDS;
    const other = role === 'flags' ? METRIC_KINDS : FLAG_KINDS;
    const fitting = [...kinds].filter(([, kind]) => has(wanted, kind)).map(([name]) => name);
    const what = `a connection with ${role}, to be added under connections`;
    if (!kinds.has(id)) report(path, 'value', id, `no connection has the id ${id}`, fitting, what);
    // A kind that is not known has been reported where it stands, and may be of either sort.
    else if (has(other, kinds.get(id))) {
      const message = `connection ${id} (${kinds.get(id)}) has no ${role === 'flags' ? 'flags' : 'metrics'}`;
      report(path, 'value', id, message, fitting, what);
    }
  }

  once(connections, 'the connection id', (item) => textAt(item.value, 'id'));
  for (const item of connections) {
    for (const map of ENVIRONMENT_MAPS) {
      for (const name of namesIn(valueAt(item.value, [map]))) environment(name, [...item.path, map, name], 'key');
    }
    for (const observer of listAt(item.value, ['observers'], item.path)) {
      connection(observer, 'metrics');
      environment(textAt(observer.value, 'environment'), [...observer.path, 'environment'], 'value');
    }
  }

  const services = listAt(raw, ['services']);
  once(services, 'the service id', (item) => textAt(item.value, 'id'));
  for (const service of services) {
    const flags = listAt(service.value, ['flags'], service.path);
    once(flags, 'the flag', flagName, 'key');
    for (const flag of flags) connection(flag, 'flags');
    once(listAt(service.value, ['dependencies'], service.path), 'the dependency', (item) => textAt(item.value, 'id'));

    const slis = listAt(service.value, ['slis'], service.path);
    once(slis, `in service ${textAt(service.value, 'id') ?? '?'} the SLI id`, (item) => textAt(item.value, 'id'));
    const keys = new Set(flags.map((flag) => textAt(flag.value, 'key') ?? ''));
    for (const sli of slis) {
      connection(sli, 'metrics');
      environment(textAt(sli.value, 'environment'), [...sli.path, 'environment'], 'value');
      const cohort = textAt(valueAt(sli.value, ['cohort']), 'flag');
      if (cohort === null || keys.has(cohort)) continue;
      const path = [...sli.path, 'cohort', 'flag'];
      report(
        path,
        'value',
        cohort,
        `the service does not list the flag ${cohort} under flags`,
        keys,
        'a flag that the service lists',
      );
    }
  }

  const killSets = listAt(raw, ['killSets']);
  once(killSets, 'the kill set', (item) => textAt(item.value, 'id'));
  for (const set of killSets) {
    const flags = listAt(set.value, ['flags'], set.path);
    const seen = new Set<string>();
    for (const flag of flags) {
      connection(flag, 'flags');
      const name = typeof flag.value === 'string' ? flag.value : flagName(flag);
      if (name === null) continue;
      if (seen.has(name)) {
        findings.push({
          path: flag.path,
          at: 'value',
          value: showValue(flag.value, flag.path),
          message: redact(`the kill set has the flag ${name} twice`),
          expected: 'each once',
        });
      }
      seen.add(name);
    }
  }

  const facts = listAt(raw, ['flags']);
  once(facts, 'the flag', flagName, 'key');
  for (const flag of facts) connection(flag, 'flags');
  for (const name of namesIn(valueAt(raw, ['policy']))) environment(name, ['policy', name], 'key');
  return findings;
}

function flagName(item: Item): string | null {
  const key = textAt(item.value, 'key');
  const connection = textAt(item.value, 'connection');
  return key !== null && connection !== null ? `${connection}/${key}` : key;
}

function has(kinds: ReadonlySet<string>, kind: string | null | undefined): boolean {
  return typeof kind === 'string' && kinds.has(kind);
}

function listAt(value: unknown, path: Path, parent: Path = []): Item[] {
  const list = valueAt(value, path);
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown, index) => ({ path: [...parent, ...path, index], value: item }));
}

function namesIn(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

function textAt(value: unknown, key: string): string | null {
  const found = valueAt(value, [key]);
  return typeof found === 'string' ? found : null;
}
