import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { checkoutFlags } from './checkout.ts';
import { type RunningHost, runScram, startWebHost } from './web-host.ts';

export const PASSPHRASE = 'several words that belong together';

const enrolledSchema = z.object({ publicKey: z.string() });

export interface TwoConsoles {
  /** Alex's console, whose roster Alex founded. Killing takes two people. */
  readonly alex: RunningHost;
  /** Sam's, with the same configuration and no way to the other one. */
  readonly sam: RunningHost;
  /** The flags as Alex's console's provider holds them now. */
  flags(): Promise<string>;
  stop(): Promise<void>;
}

const configText = (alex: string, sam: string) => `version: 1
team: payments
environments:
  production: { tone: production }
connections:
  - { id: local, kind: flagd, files: { production: ./production.json } }
services:
  - { id: checkout, flags: [ { connection: local, key: enable_new_pricing } ] }
policy:
  production: { kill: { people: 2 }, restore: { people: 2 } }
operators:
  - { id: alex, name: Alex, roles: [responder, admin], publicKeys: [ ${alex} ] }
  - { id: sam, name: Sam, roles: [approver], publicKeys: [ ${sam} ] }
`;

/** Two people of one team on a console each, set up as the manual says: enrol, write down the keys, sign the roster. */
export async function startTwoConsoles(folder: string): Promise<TwoConsoles> {
  const config = path.join(folder, 'scram.yaml');
  const flags = path.join(folder, 'production.json');
  await writeFile(flags, checkoutFlags(20));
  await writeFile(config, configText('', ''));
  const env = { SCRAM_PASSPHRASE: PASSPHRASE };
  const dataDir = (operator: string) => path.join(folder, operator);
  const scram = async (operator: string, ...args: string[]) => {
    const result = await runScram([...args, '--json', '--config', config, '--data-dir', dataDir(operator)], { env });
    if (result.code !== 0) throw new Error(`scram ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
    return result.stdout;
  };
  const enrol = async (operator: string) => {
    await mkdir(dataDir(operator));
    return enrolledSchema.parse(JSON.parse(await scram(operator, 'operator', 'enrol', operator))).publicKey;
  };
  await writeFile(config, configText(`"${await enrol('alex')}"`, `"${await enrol('sam')}"`));
  await scram('alex', 'roster', 'sign', '--yes');
  const alex = await startWebHost({ dataDir: dataDir('alex'), config });
  const sam = await startWebHost({ dataDir: dataDir('sam'), config });
  return {
    alex,
    sam,
    flags: () => readFile(flags, 'utf8'),
    stop: async () => {
      await Promise.all([alex.stop(), sam.stop()]);
    },
  };
}
