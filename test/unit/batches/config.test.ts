import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../electron/services/config/parse-config.ts';

const CONFIG = `version: 1
team: payments
environments: { production: {} }
connections:
  - { id: eu, kind: flagd, files: { production: ./eu.json } }
  - { id: prom, kind: prometheus, url: http://127.0.0.1:9090 }
`;

function problems(text: string): [number | null, string, string | null][] {
  const check = parseConfig(`${CONFIG}${text}`, 'scram.yaml');
  return check.ok ? [] : check.problems.map(({ line, message, expected }) => [line, message, expected]);
}

describe('kill sets in scram.yaml (B13, C1)', () => {
  it('B13: takes keys alone and keys with their connection', () => {
    expect(problems('killSets: [ { id: minimum, flags: [a, { connection: eu, key: b }] } ]\n')).toEqual([]);
  });

  it('C1: names a connection that is not there or has no flags, a set and a flag that are there twice', () => {
    const text = [
      'killSets:',
      '  - id: minimum',
      '    flags:',
      '      - { connection: ue, key: a }',
      '      - { connection: prom, key: b }',
      '      - c',
      '      - c',
      '  - { id: minimum, flags: [a] }',
      '',
    ].join('\n');
    expect(problems(text)).toEqual([
      [10, 'no connection has the id ue; did you mean eu?', 'one of: eu'],
      [11, 'connection prom (prometheus) has no flags', 'one of: eu'],
      [13, 'the kill set has the flag c twice', 'each once'],
      [14, 'the kill set minimum is there twice', 'each once'],
    ]);
  });
});
