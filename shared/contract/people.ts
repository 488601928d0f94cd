import { z } from 'zod';
import { peopleStateSchema } from '../model/operator.ts';
import { call, nothingSchema, stream } from './define.ts';

const operatorId = z.string().min(1).max(100);
/** Never logged, never echoed; forgotten as soon as the key is derived. */
const passphraseSchema = z.string().min(1).max(1000);

export const peopleContract = {
  'people.watch': stream({
    access: 'view',
    input: nothingSchema,
    snapshot: peopleStateSchema,
    delta: peopleStateSchema,
  }),
  /** Unlocks this session. Throws `locked` for a wrong passphrase, `rate-limited` after several. */
  'people.unlock': call({
    access: 'view',
    input: z.strictObject({ operator: operatorId, passphrase: passphraseSchema }),
    output: nothingSchema,
  }),
  /** Unlocks by the key in the operating system's keychain, where the host offers one. */
  'people.unlockByKeychain': call({
    access: 'view',
    input: z.strictObject({ operator: operatorId }),
    output: nothingSchema,
  }),
  'people.lock': call({ access: 'view', input: nothingSchema, output: nothingSchema }),
  /** Any act of a person at the page: puts the idle lock off. */
  'people.touch': call({ access: 'view', input: nothingSchema, output: nothingSchema }),
  /** Makes a person's key on this console and gives its public half, for the roster. */
  'people.enrol': call({
    access: 'view',
    input: z.strictObject({ operator: operatorId, passphrase: passphraseSchema }),
    output: z.strictObject({ publicKey: z.string() }),
  }),
  'people.changePassphrase': call({
    access: 'view',
    input: z.strictObject({ operator: operatorId, passphrase: passphraseSchema, next: passphraseSchema }),
    output: nothingSchema,
  }),
  /** Keeps the session's key in the operating system's keychain, or takes it out. */
  'people.keepInKeychain': call({
    access: 'view',
    input: z.strictObject({ keep: z.boolean() }),
    output: nothingSchema,
  }),
  /** Takes a person's key off this console: a forgotten passphrase, somebody who left. */
  'people.removeKey': call({
    access: 'administer',
    input: z.strictObject({ operator: operatorId }),
    output: nothingSchema,
  }),
  /**
   * Signs the operators of scram.yaml as the roster's next version, into roster.json. `proposal`: as the roster was shown;
   * throws `conflict` when scram.yaml says something else by now.
   */
  'people.signRoster': call({
    access: 'administer',
    input: z.strictObject({ proposal: z.string().max(100).optional() }),
    output: z.strictObject({ version: z.number().int(), file: z.string() }),
  }),
} as const;
