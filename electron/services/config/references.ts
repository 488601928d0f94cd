import { FLAG_KINDS, METRIC_KINDS } from '../../../shared/model/config/index.ts';
import type { Finding } from './explain-issue.ts';
import { type Path, valueAt } from './locate.ts';
import { checkPolicy } from './policy-references.ts';
import { type Item, listAt, namesIn, ReferenceFindings, textAt } from './reference-findings.ts';

/** Settings of a connection that are by environment. */
const ENVIRONMENT_MAPS = ['environments', 'files', 'keys', 'resources'];

/**
 * Checks what one part of the file says of another: ids that exist once, names that exist, connections of the right
 * sort. Works on the file as read, so that it finds these beside the mistakes that the model finds, all at once (C1).
 */
export function checkReferences(raw: unknown): Finding[] {
  const findings = new ReferenceFindings();
  const environments = new Set(namesIn(valueAt(raw, ['environments'])));
  const connections = listAt(raw, ['connections']);
  const kinds = new Map(connections.map((item) => [textAt(item.value, 'id') ?? '', textAt(item.value, 'kind')]));

  function environment(name: string | null, path: Path, at: 'key' | 'value'): void {
    if (name !== null && !environments.has(name))
      findings.unknownName(
        path,
        at,
        name,
        `no environment is called ${name}`,
        environments,
        'a name under environments',
      );
  }

  function connection(item: Item, role: 'flags' | 'metrics'): void {
    const id = textAt(item.value, 'connection');
    if (id === null) return;
    const path = [...item.path, 'connection'];
    const wanted = role === 'flags' ? FLAG_KINDS : METRIC_KINDS;
    const other = role === 'flags' ? METRIC_KINDS : FLAG_KINDS;
    const fitting = [...kinds].filter(([, kind]) => has(wanted, kind)).map(([name]) => name);
    const what = `a connection with ${role}, to be added under connections`;
    if (!kinds.has(id)) findings.unknownName(path, 'value', id, `no connection has the id ${id}`, fitting, what);
    // A kind that is not known has been reported where it stands, and may be of either sort.
    else if (has(other, kinds.get(id))) {
      const message = `connection ${id} (${kinds.get(id)}) has no ${role === 'flags' ? 'flags' : 'metrics'}`;
      findings.unknownName(path, 'value', id, message, fitting, what);
    }
  }

  findings.once(connections, 'the connection id', (item) => textAt(item.value, 'id'));
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
  findings.once(services, 'the service id', (item) => textAt(item.value, 'id'));
  for (const service of services) {
    const flags = listAt(service.value, ['flags'], service.path);
    findings.once(flags, 'the flag', flagName, 'key');
    for (const flag of flags) connection(flag, 'flags');
    findings.once(listAt(service.value, ['dependencies'], service.path), 'the dependency', (item) =>
      textAt(item.value, 'id'),
    );

    const slis = listAt(service.value, ['slis'], service.path);
    findings.once(slis, `in service ${textAt(service.value, 'id') ?? '?'} the SLI id`, (item) =>
      textAt(item.value, 'id'),
    );
    const keys = new Set(flags.map((flag) => textAt(flag.value, 'key') ?? ''));
    for (const sli of slis) {
      connection(sli, 'metrics');
      environment(textAt(sli.value, 'environment'), [...sli.path, 'environment'], 'value');
      const cohort = textAt(valueAt(sli.value, ['cohort']), 'flag');
      if (cohort === null || keys.has(cohort)) continue;
      const path = [...sli.path, 'cohort', 'flag'];
      findings.unknownName(
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
  findings.once(killSets, 'the kill set', (item) => textAt(item.value, 'id'));
  for (const set of killSets) {
    const flags = listAt(set.value, ['flags'], set.path);
    const seen = new Set<string>();
    for (const flag of flags) {
      connection(flag, 'flags');
      const name = typeof flag.value === 'string' ? flag.value : flagName(flag);
      if (name === null) continue;
      if (seen.has(name)) {
        findings.add(flag.path, 'value', flag.value, `the kill set has the flag ${name} twice`, 'each once');
      }
      seen.add(name);
    }
  }

  const facts = listAt(raw, ['flags']);
  findings.once(facts, 'the flag', flagName, 'key');
  for (const flag of facts) connection(flag, 'flags');
  for (const name of namesIn(valueAt(raw, ['policy']))) environment(name, ['policy', name], 'key');
  checkPolicy(raw, findings);
  findings.once(listAt(raw, ['notify']), 'the notify target', (item) => textAt(item.value, 'id'));
  return findings.found;
}

function flagName(item: Item): string | null {
  const key = textAt(item.value, 'key');
  const connection = textAt(item.value, 'connection');
  return key !== null && connection !== null ? `${connection}/${key}` : key;
}

function has(kinds: ReadonlySet<string>, kind: string | null | undefined): boolean {
  return typeof kind === 'string' && kinds.has(kind);
}
