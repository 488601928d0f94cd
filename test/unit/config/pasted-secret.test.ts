import { expect, it } from 'vitest';
import { parseConfig } from '../../../electron/services/config/parse-config.ts';
import { credentialNameSchema } from '../../../shared/model/vault.ts';

const config = (credential: string): string => `version: 1
team: shop
environments: { production: {} }
connections:
  - { id: prom, kind: prometheus, url: "http://127.0.0.1:9090", credential: ${JSON.stringify(credential)} }
`;

it.each([
  '*:*.unleash-insecure-admin-api-token',
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'api-9c4e1f2a-7b30-4d18-8f55-0a1b2c3d4e5f',
  'xoxb-2048-1024-AbCdEfGhIjKl',
  'eyJhbGciOiJIUzI1NiJ9.e30.abc',
  'postgres://user:word@db/shop',
  'CANARY-t0ken-9c1e',
])('E2: a secret pasted where its name belongs is a mistake, and is not shown: %s', (secret) => {
  const check = parseConfig(config(secret), 'scram.yaml');
  if (check.ok) throw new Error('it was taken as a name');
  expect(check.problems).toHaveLength(1);
  expect(JSON.stringify(check.problems)).not.toContain(secret);
  expect(credentialNameSchema.safeParse(secret).success).toBe(false);
});

it.each(['flags-eu-admin', 'team-db', 'prom.eu-west-1', 'pg_2026_11', 'env:PROM_TOKEN', 'cmd:pass show prom'])(
  'E2: %s is where a secret is kept',
  (credential) => {
    expect(parseConfig(config(credential), 'scram.yaml')).toMatchObject({ ok: true });
  },
);
