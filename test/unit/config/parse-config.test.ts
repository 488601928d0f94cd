import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../electron/services/config/parse-config.ts';
import { STARTER_CONFIG } from '../../../electron/services/config/starter-texts.ts';
import type { ConfigProblem } from '../../../shared/contract/console.ts';

const HEAD = 'version: 1\nteam: t\nenvironments: { production: { tone: production } }\n';

function problemsOf(text: string): ConfigProblem[] {
  const check = parseConfig(text, 'scram.yaml');
  return check.ok ? [] : check.problems;
}

function only(text: string): ConfigProblem {
  const problems = problemsOf(text);
  expect(problems.map((problem) => problem.message)).toHaveLength(1);
  return problems[0]!;
}

describe('a right file', () => {
  it('is read, with durations in milliseconds, defaults, and a digest of the text', () => {
    const text = `${HEAD}connections:\n  - { id: f, kind: flagd, files: { production: ./a.json }, refresh: 15s }\n`;
    const check = parseConfig(text, 'scram.yaml');
    if (!check.ok) throw new Error(JSON.stringify(check.problems));
    expect(check.config.environments.production?.propagationObjective).toBe(30_000);
    expect(check.config.connections[0]).toMatchObject({ refresh: 15_000, observers: [] });
    expect(check.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(parseConfig(`${text}# note\n`, 'scram.yaml')).not.toMatchObject({ digest: check.digest });
  });

  it('may use anchors, and a problem behind an alias is located', () => {
    const text = `${HEAD}connections:\n  - { id: f, kind: flagd, files: &files { prod: ./a.json } }\n  - { id: g, kind: flagd, files: *files }\n`;
    const lines = problemsOf(text).map((problem) => [problem.line, problem.path]);
    expect(lines).toContainEqual([5, 'connections[0].files.prod']);
    expect(lines).toContainEqual([5, 'connections[1].files.prod']);
  });
});

describe('C1: every problem names line, column, value and what would be right', () => {
  it('finds mistakes of the model and of references at once, in the order of the file', () => {
    const problems = problemsOf(
      [
        'version: 2', // 1
        'team: t',
        'environments: { production: { tone: produktion } }', // 3
        'connections:',
        '  - { id: f, kind: flagd, files: { prod: ./a.json } }', // 5
        'services:',
        '  - id: checkout', // 7
        '    slis: [ { id: a, name: A, connection: f, query: q, unit: sec } ]',
        'policy: { staging: {} }', // 9
      ].join('\n'),
    );
    expect(problems.map((problem) => [problem.line, problem.path, problem.value])).toEqual([
      [1, 'version', '2'],
      [3, 'environments.production.tone', 'produktion'],
      [5, 'connections[0].files.prod', 'prod'],
      [8, 'services[0].slis[0].connection', 'f'],
      [8, 'services[0].slis[0].unit', 'sec'],
      [9, 'policy.staging', 'staging'],
    ]);
    expect(problems[1]).toEqual({
      file: 'scram.yaml',
      line: 3,
      column: 37,
      path: 'environments.production.tone',
      value: 'produktion',
      message: '"produktion" is not one of the values; did you mean production?',
      expected: 'production, neutral',
    });
  });

  it('reports broken YAML with its place, and does not call missing what it could not read', () => {
    const problem = only('version: 1\nenvironments: { production: {},');
    expect(problem).toMatchObject({ line: 2, path: '', expected: 'YAML' });
    expect(only(`${HEAD}team: u`)).toMatchObject({ line: 4, message: 'Map keys must be unique' });
    expect(only(`${HEAD}flags: *nowhere`)).toMatchObject({ line: 4, column: 8 });
  });

  it.each(['', '# only a comment\n', '- a list\n', '42', '{}', '\u0000', '\ufeff', '---\n---\n', 'a: &a [*a]'])(
    'answers %j with problems and without throwing',
    (text) => expect(problemsOf(text).length).toBeGreaterThan(0),
  );

  it('stops at aliases that multiply without end, and at a file that is far too long', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++) {
      const [name, of] = [String.fromCharCode(97 + level), String.fromCharCode(96 + level)];
      bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join(', ')}]`);
    }
    expect(problemsOf(bomb.join('\n'))).toHaveLength(1);
    expect(only(`# ${'x'.repeat(1_000_001)}`).message).toContain('characters');
  });

  it.each([
    ['connections: [ { id: p, kind: prometheus, url: "ftp://h" } ]', 'connections[0].url', 'http or https'],
    ['connections: [ { id: p, kind: prometheus } ]', 'connections[0].url', 'Address of the server'],
    [
      'connections: [ { id: p, kind: prometheus, url: "http://h", refresh: 5 } ]',
      'connections[0].refresh',
      'such as 1s',
    ],
    [
      'connections: [ { id: p, kind: prometheus, url: "http://h", refresh: 0s } ]',
      'connections[0].refresh',
      'longer than zero',
    ],
    ['connections: { id: p }', 'connections', 'Flag systems and metric sources'],
    ['flags: [ { key: k, expires: 2026-02-31x } ]', 'flags[0].expires', 'a date'],
    ['flags: [ { key: "" } ]', 'flags[0].key', 'Key of the flag'],
    ['policy: { production: { kill: { people: 3 } } }', 'policy.production.kill.people', '1 or 2'],
    ['flags: ', 'flags', 'What the provider does not know'],
  ])('%s', (line, path, expected) => {
    const problem = only(HEAD + line);
    expect(problem).toMatchObject({ path, line: 4 });
    expect(problem.expected).toContain(expected);
  });

  it('explains an objective with two bounds, and with none', () => {
    const sli = (objective: string) =>
      `${HEAD}connections: [ { id: m, kind: prometheus, url: "http://h" } ]\nservices: [ { id: s, slis: [ { id: a, name: A, connection: m, query: q, unit: s, objective: ${objective} } ] } ]`;
    for (const objective of ['{ below: 1, above: 2 }', '{}', '{ below: "0.6" }']) {
      expect(only(sli(objective)).expected).toContain('one bound, as { below: 0.6 }');
    }
    expect(problemsOf(sli('{ above: 0.999 }'))).toEqual([]);
  });
});

describe('names that are not known', () => {
  it('suggests the near one, and lists what there is', () => {
    expect(only(`${HEAD}conections: []`)).toMatchObject({
      column: 1,
      message: 'no setting is called conections; did you mean connections?',
      expected:
        'one of: version, team, environments, connections, services, flags, killSets, policy, operators, lockAfter, notify, teamStore',
    });
    expect(only(`${HEAD}connections: [ { id: p, kind: prometheus, url: "http://h", tiemout: 5s } ]`).message).toContain(
      'did you mean timeout?',
    );
  });

  it('lists the keys of the kind that was chosen, and of no other', () => {
    const problem = only(`${HEAD}connections: [ { id: f, kind: flagd, files: {}, url: "http://h" } ]`);
    expect(problem.expected).toBe('one of: id, kind, refresh, observers, files');
  });

  it('triggers: is not in this version', () => {
    expect(only(`${HEAD}triggers: []`)).toMatchObject({ path: 'triggers', line: 4 });
    expect(only(`${HEAD}triggers: []`).message).toMatch(/is not in this version; available: version, team/);
  });

  it.each(['ofrep', 'growthbook', 'configcat', 'posthog', 'statsig', 'split'])(
    'kind %s is not in this version, its other settings are not held against it, and it may be referred to',
    (kind) => {
      const problem = only(
        `${HEAD}connections: [ { id: x, kind: ${kind}, project: p } ]\nservices: [ { id: s, flags: [ { connection: x, key: k } ] } ]`,
      );
      expect(problem.message).toBe(
        `kind ${kind} is not in this version; available: flagd, unleash, launchdarkly, flipt, flagsmith, goff, etcd, redis, git, kubernetes, http, prometheus, sandbox`,
      );
    },
  );

  it('rollback of the policy is not in this version', () => {
    expect(only(`${HEAD}policy: { production: { rollback: { people: 2 }, breakGlass: {} } }`).message).toContain(
      'is not in this version; available: kill, restore, rules, coolDown, breakGlass',
    );
  });
});

describe('E2: credentials are named, never written down', () => {
  const credential = (text: string) =>
    `${HEAD}connections: [ { id: p, kind: prometheus, url: "http://h", credential: ${JSON.stringify(text)} } ]`;

  it.each(['env:PROM_TOKEN', 'cmd:op read op://ops/prom/token', 'prom-token'])('%s', (text) => {
    expect(problemsOf(credential(text))).toEqual([]);
  });

  it.each(['env:', 'env:1A', 'cmd:', 'cmd: op', 'two words', '-prom', ''])('%j is none of them', (text) => {
    expect(only(credential(text))).toMatchObject({ path: 'connections[0].credential', value: null });
  });
});

describe('references', () => {
  const CONNECTIONS = `connections:
  - { id: flags, kind: flagd, files: { production: ./a.json } }
  - { id: prom, kind: prometheus, url: "http://h" }
`;
  const service = (body: string) => `${HEAD}${CONNECTIONS}services: [ { id: s, ${body} } ]`;
  const sli = (rest: string) => `{ id: a, name: A, query: q, unit: s, ${rest} }`;

  it.each([
    ['flags: [ { connection: flgs, key: k } ]', 'services[0].flags[0].connection', 'did you mean flags?'],
    ['flags: [ { connection: prom, key: k } ]', 'services[0].flags[0].connection', 'has no flags'],
    ['flags: [ { connection: flags, key: k }, { connection: flags, key: k } ]', 'services[0].flags[1].key', 'twice'],
    [`slis: [ ${sli('connection: flags')} ]`, 'services[0].slis[0].connection', 'has no metrics'],
    [`slis: [ ${sli('connection: prm')} ]`, 'services[0].slis[0].connection', 'did you mean prom?'],
    [`slis: [ ${sli('connection: prom, environment: prod')} ]`, 'services[0].slis[0].environment', 'no environment'],
    [`slis: [ ${sli('connection: prom')}, ${sli('connection: prom')} ]`, 'services[0].slis[1].id', 'in service s'],
    [
      `flags: [ { connection: flags, key: new_pricing } ], slis: [ ${sli('connection: prom, cohort: { flag: new_pricin, query: "$cohort" }')} ]`,
      'services[0].slis[0].cohort.flag',
      'did you mean new_pricing?',
    ],
    ['dependencies: [ { id: d }, { id: d } ]', 'services[0].dependencies[1].id', 'twice'],
  ])('%s', (body, path, message) => {
    const problem = only(service(body));
    expect(problem.path).toBe(path);
    expect(problem.message).toContain(message);
  });

  it.each([
    ['connections: [ { id: a, kind: sandbox }, { id: a, kind: sandbox } ]', 'connections[1].id'],
    ['services: [ { id: a }, { id: a } ]', 'services[1].id'],
    ['flags: [ { key: a }, { key: a } ]', 'flags[1].key'],
    ['flags: [ { key: a, connection: nope } ]', 'flags[0].connection'],
    ['policy: { prodution: {} }', 'policy.prodution'],
    [
      'connections: [ { id: f, kind: flagd, files: {}, observers: [ { kind: metric, connection: f, query: q } ] } ]',
      'connections[0].observers[0].connection',
    ],
  ])('%s', (line, path) => expect(only(HEAD + line).path).toBe(path));
});

describe('E2: no secret of the file is shown', () => {
  const SECRET = 'hunter2-Zq9';
  it.each([
    `connections: [ { id: p, kind: prometheus, url: "http://bob:${SECRET}@h:9090" } ]`,
    `connections: [ { id: p, kind: prometheus, url: "bob:${SECRET}@h" } ]`,
    `connections: [ { id: p, kind: prometheus, url: "http//h?token=${SECRET}" } ]`,
    `connections: [ { id: p, kind: prometheus, url: "http://h", credential: "${SECRET}/x=" } ]`,
    `connections: [ { id: p, kind: prometheus, url: "http://h", credential: "env:${SECRET}" } ]`,
    `notify: [ { id: n, kind: slack, credential: "https://hooks.example.com/${SECRET}" } ]`,
    `teamStore: { kind: postgres, credential: "postgres://u:${SECRET}@h/db" }`,
    `connections: [ { id: p, kind: prometheus, url: "http://h", credential: { token: "${SECRET}" } } ]`,
    `connections: [ { id: p, kind: prometheus, url: "http://h", refresh: "Bearer ${SECRET}" } ]`,
    `services: [ { id: s, flags: [ { connection: "postgres://u:${SECRET}@h/db", key: k } ] } ]`,
    `connections: [ { id: p, kind: prometheus, url: "http://h", credential: *${SECRET} } ]`,
    `connections: [ { id: p, kind: prometheus, url: "http://h", credential: !${SECRET} x } ]`,
    `teamStore: { password: "${SECRET}`,
    `passphrase: ${SECRET}`,
    `team: &${SECRET} *${SECRET}`,
  ])('%s', (line) => {
    const problems = problemsOf(HEAD + line);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain(SECRET);
  });
});

const FULL = `version: 1
team: payments
environments:
  production: { tone: production, propagationObjective: 30s }
  staging: {}
connections:
  - id: flags-eu
    kind: unleash
    url: http://127.0.0.1:4242
    environments: { production: production, staging: development }
    routes: [ { kind: api } ]
  - { id: local, kind: flagd, files: { production: ./production.flagd.json, staging: ./staging.flagd.yaml } }
  - { id: prom, kind: prometheus, url: http://127.0.0.1:9090, credential: env:PROM_TOKEN, ca: ./ca.pem }
services:
  - id: checkout
    flags: [ { connection: flags-eu, key: enable_new_pricing } ]
    slis:
      - id: p99
        name: p99 latency
        connection: prom
        query: histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[1m])))
        unit: s
        objective: { below: 0.6 }
        cohort: { flag: enable_new_pricing, query: '…{variant="$cohort"}…', on: "true", off: "false" }
killSets: [ { id: checkout-minimum, flags: [enable_new_pricing, ops_disable_recs] } ]
triggers: [ { sli: checkout/errors, above: 5%, for: 10m, playbook: latency-or-errors-under-a-flag } ]
policy:
  production: { kill: { people: 1 }, rollback: { people: 2 }, breakGlass: { allowed: true, reviewWithin: 24h } }
notify: [ { id: room, kind: slack, credential: room-webhook } ]
`;

it('of a configuration for a later version, only what is not in this one is held against it', () => {
  const problems = problemsOf(FULL);
  expect(problems.map((problem) => problem.path)).toEqual([
    'connections[0].routes',
    'triggers',
    'policy.production.rollback',
  ]);
  for (const problem of problems) expect(problem.message).toContain('is not in this version; available: ');
});

it('never throws on a damaged file, and names a place that is in it', () => {
  const seed = Date.now() % 2 ** 31;
  const piece = fc.constantFrom(
    '',
    ' ',
    '\n',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    '"',
    "'",
    '&a ',
    '*a',
    '!!x ',
    '\t',
    '#',
    '|',
    '0',
    'null',
    '~',
    '<<: ',
    '? ',
  );
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(12), piece), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(damage, (cuts) => {
      let text = STARTER_CONFIG;
      for (const [at, length, put] of cuts) {
        const start = at % (text.length + 1);
        text = text.slice(0, start) + put + text.slice(start + length);
      }
      const lines = text.split('\n');
      for (const problem of problemsOf(text)) {
        expect(problem.message).not.toBe('');
        if (problem.line === null) continue;
        expect(problem.line).toBeLessThanOrEqual(lines.length);
        expect(problem.column).toBeLessThanOrEqual((lines[problem.line - 1] ?? '').length + 1);
      }
    }),
    { seed, numRuns: 400, verbose: 1 },
  );
});
