import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type OfrepServer, startOfrepServer } from './ofrep-server.ts';

const onOff = (defaultVariant: 'on' | 'off') => ({
  state: 'ENABLED',
  variants: { on: true, off: false },
  defaultVariant,
});

const FLAGS = {
  enable_new_pricing: {
    ...onOff('off'),
    targeting: {
      fractional: [
        ['on', 20],
        ['off', 80],
      ],
    },
  },
  release_saved_cards: onOff('on'),
  release_split_payments: onOff('off'),
  experiment_checkout_button: {
    state: 'ENABLED',
    variants: { control: 'grey', green: 'green' },
    defaultVariant: 'green',
  },
  ops_disable_recs: onOff('off'),
  release_instant_search: onOff('on'),
  release_one_click: onOff('on'),
  release_gift_cards: onOff('on'),
};
export type RegionFlag = keyof typeof FLAGS;

function config(eu: string, us: string): string {
  const observers = (flags: string, more = '') => `    observers:
      - { kind: ofrep, region: eu-west, instance: flagd-eu, environment: production, url: ${flags} }${more}`;
  return `version: 1
team: payments
environments:
  production: { tone: production, propagationObjective: 3s }
  staging: {}
connections:
  - id: local
    kind: flagd
    files: { production: ./production.flagd.json, staging: ./staging.flagd.json }
    refresh: 3s
${observers(eu, `\n      - { kind: ofrep, region: us-east, instance: flagd-us, environment: production, url: ${us} }`)}
services:
  - id: checkout
    owner: payments
    flags:
${['enable_new_pricing', 'release_saved_cards', 'experiment_checkout_button', 'ops_disable_recs']
  .map((key) => `      - { connection: local, key: ${key} }`)
  .join('\n')}
flags:
  - { key: ops_disable_recs, polarity: disables, type: ops, critical: true }
  - { key: experiment_checkout_button, type: experiment, safeDefault: control }
killSets:
  - id: checkout-minimum
    flags: [ops_disable_recs, release_saved_cards, experiment_checkout_button, release_split_payments, release_gone]
`;
}

export interface TwoRegions {
  readonly folder: string;
  readonly dataDir: string;
  readonly config: string;
  readonly file: string;
  readonly eu: OfrepServer;
  readonly us: OfrepServer;
  /** Brings the flag file to the region us-east, whose copy lags until then. */
  deliver(): Promise<void>;
  /** Variant that the file serves to everyone; null where rules decide. */
  serves(flag: RegionFlag): Promise<string | null>;
  /** Changes the flag in the file as somebody else would. */
  changeElsewhere(flag: RegionFlag): Promise<void>;
  stop(): Promise<void>;
}

/** A flagd file, read as it is by a server in eu-west; the server in us-east has a copy, which comes when it is told to. */
export async function startTwoRegions(): Promise<TwoRegions> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-regions-'));
  const dataDir = path.join(folder, 'data');
  await mkdir(dataDir);
  const file = path.join(folder, 'production.flagd.json');
  const copy = path.join(folder, 'us-east.flagd.json');
  const text = `${JSON.stringify({ $schema: 'https://flagd.dev/schema/v0/flags.json', flags: FLAGS }, null, 2)}\n`;
  for (const name of ['production', 'staging', 'us-east']) {
    await writeFile(path.join(folder, `${name}.flagd.json`), text);
  }
  const eu = await startOfrepServer({ file, region: 'eu-west' });
  const us = await startOfrepServer({ file: copy, region: 'us-east' });
  const configFile = path.join(folder, 'scram.yaml');
  await writeFile(configFile, config(eu.url, us.url));
  return {
    folder,
    dataDir,
    config: configFile,
    file,
    eu,
    us,
    deliver: async () => {
      await copyFile(file, copy);
      await us.refreshed();
    },
    async serves(flag) {
      const { flags } = JSON.parse(await readFile(file, 'utf8')) as {
        flags: Record<RegionFlag, { defaultVariant: string; targeting?: unknown }>;
      };
      return flags[flag].targeting === undefined ? flags[flag].defaultVariant : null;
    },
    async changeElsewhere(flag) {
      const document = JSON.parse(await readFile(file, 'utf8')) as { flags: Record<RegionFlag, object> };
      document.flags[flag] = { ...document.flags[flag], metadata: { owner: 'somebody else' } };
      await writeFile(file, `${JSON.stringify(document, null, 2)}\n`);
    },
    async stop() {
      await eu.stop();
      await us.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
