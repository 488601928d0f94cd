import { describe, expect, it } from 'vitest';
import { connectionSchema } from '../../../shared/model/config/index.ts';

const git = (repository: string) => ({ id: 'g', kind: 'git', repository, files: { production: 'flags.json' } });
const unleash = (url: string) => ({ id: 'u', kind: 'unleash', url, environments: { production: 'production' } });
const redis = (url: string) => ({ id: 'r', kind: 'redis', url, keys: { production: 'f:' } });

/** Addresses stand in errors, in the ledger and beside every flag: no secret may be in one. */
describe('E2: an address that carries a password is refused', () => {
  it.each([
    unleash('http://u:secret@h'),
    unleash('HTTPS://u:secret@h'),
    unleash('https://token@h'),
    git('https://token@h/r.git'),
    git('HTTPS://u:secret@h/r.git'),
    git('ssh://u:secret@h/r.git'),
    redis('redis://u:secret@h:1'),
  ])('%o', (connection) => {
    expect(connectionSchema.safeParse(connection).success).toBe(false);
  });

  it.each([
    unleash('https://h/unleash'),
    git('ssh://git@h/r.git'),
    git('git@h:team/r.git'),
    git('/srv/flags.git'),
    redis('redis://h:6379/0'),
  ])('and others are taken: %o', (connection) => {
    expect(connectionSchema.safeParse(connection).error?.issues ?? []).toEqual([]);
  });
});
