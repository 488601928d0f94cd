import { nearName } from '../../../shared/rules/naming.ts';
import { isTimeZone } from '../../../shared/rules/policy-windows.ts';
import { type Path, valueAt } from './locate.ts';
import { type Item, listAt, namesIn, type ReferenceFindings, textAt } from './reference-findings.ts';

/** What policy and the list of people say of other parts of the file (D2, D5). */
export function checkPolicy(raw: unknown, findings: ReferenceFindings): void {
  const flags = flagsNamedIn(raw);
  for (const environment of namesIn(valueAt(raw, ['policy']))) {
    const path = ['policy', environment];
    for (const direction of ['kill', 'restore']) checkWindows(raw, [...path, direction], findings);
    for (const rule of listAt(raw, [...path, 'rules'])) {
      checkWindows(raw, rule.path, findings);
      for (const named of listAt(raw, [...rule.path, 'flags'])) checkFlag(named, flags, findings);
    }
  }
  checkPeople(listAt(raw, ['operators']), findings);
}

/**
 * A rule for a key that is written nowhere else is most often a slip, and what it asks for would silently hold for
 * nothing. A pattern may stand for flags that only their provider knows.
 */
function checkFlag({ path, value }: Item, flags: ReadonlySet<string>, findings: ReferenceFindings): void {
  if (typeof value !== 'string' || value === '' || value.includes('*') || flags.has(value)) return;
  const near = nearName(value, flags);
  const message = `no flag is called ${value} in this file${near ? `; did you mean ${near}?` : ''}`;
  findings.add(
    path,
    'value',
    value,
    message,
    'a key that stands under flags, services or killSets, or a pattern with *',
  );
}

function checkWindows(raw: unknown, path: Path, findings: ReferenceFindings): void {
  for (const window of listAt(raw, [...path, 'windows'])) {
    const zone = textAt(window.value, 'timeZone');
    if (zone === null || isTimeZone(zone)) continue;
    const near = nearName(zone, Intl.supportedValuesOf('timeZone'));
    const message = `no time zone is called ${zone}${near ? `; did you mean ${near}?` : ''}`;
    findings.add([...window.path, 'timeZone'], 'value', zone, message, 'a time zone such as Europe/Berlin, or UTC');
  }
}

/** A key that two people hold would let one of them act as both (D1). */
function checkPeople(operators: readonly Item[], findings: ReferenceFindings): void {
  findings.once(operators, 'the operator', (item) => textAt(item.value, 'id'));
  const holders = new Map<string, string>();
  for (const operator of operators) {
    const id = textAt(operator.value, 'id') ?? '?';
    for (const { path, value } of listAt(operator.value, ['publicKeys'], operator.path)) {
      if (typeof value !== 'string') continue;
      const holder = holders.get(value);
      if (holder !== undefined) {
        findings.add(path, 'value', value, `this public key is there already, as one of ${holder}`, 'each key once');
      }
      holders.set(value, holder ?? id);
    }
  }
}

function flagsNamedIn(raw: unknown): Set<string> {
  const services = listAt(raw, ['services']);
  const listed = [
    ...services.flatMap(({ value }) => listAt(value, ['flags'])),
    ...listAt(raw, ['flags']),
    ...listAt(raw, ['killSets']).flatMap(({ value }) => listAt(value, ['flags'])),
  ].map(({ value }) => (typeof value === 'string' ? value : textAt(value, 'key')));
  const switches = services
    .flatMap(({ value }) => listAt(value, ['dependencies']))
    .map(({ value }) => textAt(value, 'killSwitch'));
  return new Set([...listed, ...switches].filter((key) => key !== null));
}
