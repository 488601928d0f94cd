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
  /** Sam's, with the same configuration. */
  readonly sam: RunningHost;
  /** The flags as Alex's console's provider holds them now. */
  flags(): Promise<string>;
  stop(): Promise<void>;
}

export interface TwoConsolesWish {
  /** More of scram.yaml. Without a team store there is no way from one console to the other. */
  readonly more?: string;
  readonly env?: Record<string, string>;
}

const configText = (alex: string, sam: string, more: string) => `version: 1
team: my-team
environments:
  production: { tone: production }
connections:
  - { id: local, kind: flagd, files: { production: ./production.json } }
services:
  - { id: checkout, flags: [ { connection: local, key: enable_new_pricing } ] }
policy:
  production: { kill: { people: 2 }, restore: { people: 2 } }
operators:
  - { id: alex, name: Alex, roles: [responder, admin], publicKeys: [ "${alex}" ] }
  - { id: sam, name: Sam, roles: [approver], publicKeys: [ "${sam}" ] }
${more}
`;

/** Two people of one team on a console each, set up as the manual says: init, enrol, write down the keys, sign. */
export async function startTwoConsoles(
  folder: string,
  { more = '', env = {} }: TwoConsolesWish = {},
): Promise<TwoConsoles> {
  const directory = path.join(folder, 'config');
  const config = path.join(directory, 'scram.yaml');
  const flags = path.join(directory, 'production.json');
  const dataDir = (operator: string) => path.join(folder, operator);
  const scram = async (operator: string, ...args: string[]) => {
    const result = await runScram([...args, '--json', '--data-dir', dataDir(operator)], {
      env: { ...env, SCRAM_PASSPHRASE: PASSPHRASE },
    });
    if (result.code !== 0) throw new Error(`scram ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
    return result.stdout;
  };
  const keyOf = (json: string) => enrolledSchema.parse(JSON.parse(json)).publicKey;
  for (const operator of ['alex', 'sam']) await mkdir(dataDir(operator));
  const alexKey = keyOf(await scram('alex', 'init', directory, '--operator', 'alex', '--name', 'Alex'));
  const samKey = keyOf(await scram('sam', 'operator', 'enrol', 'sam', '--config', config));
  await writeFile(flags, checkoutFlags(20));
  await writeFile(config, configText(alexKey, samKey, more));
  await scram('alex', 'roster', 'sign', '--yes', '--config', config);
  const alex = await startWebHost({ dataDir: dataDir('alex'), config, env });
  const sam = await startWebHost({ dataDir: dataDir('sam'), config, env });
  return {
    alex,
    sam,
    flags: () => readFile(flags, 'utf8'),
    stop: async () => {
      await Promise.all([alex.stop(), sam.stop()]);
    },
  };
}
