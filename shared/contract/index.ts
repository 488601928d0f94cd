import type { z } from 'zod';
import { approvalsContract } from './approvals.ts';
import { changesContract } from './changes.ts';
import { consoleContract } from './console.ts';
import type { CallDefinition, StreamDefinition } from './define.ts';
import { flagsContract } from './flags.ts';
import { incidentsContract } from './incidents.ts';
import { ledgerContract } from './ledger.ts';
import { notifyContract } from './notify.ts';
import { peopleContract } from './people.ts';
import { slisContract } from './slis.ts';
import { teamContract } from './team.ts';
import { vaultContract } from './vault.ts';

/** Every operation between the page (or the terminal) and the back end, declared once. */
export const contract = {
  ...consoleContract,
  ...flagsContract,
  ...slisContract,
  ...changesContract,
  ...ledgerContract,
  ...peopleContract,
  ...approvalsContract,
  ...incidentsContract,
  ...vaultContract,
  ...teamContract,
  ...notifyContract,
} as const;

export type Contract = typeof contract;
export type OperationName = keyof Contract;
export type CallName = { [K in OperationName]: Contract[K] extends CallDefinition ? K : never }[OperationName];
export type StreamName = { [K in OperationName]: Contract[K] extends StreamDefinition ? K : never }[OperationName];

/** What a caller gives, before defaults; and what a handler receives, after them. */
export type InputOf<K extends OperationName> = z.input<Contract[K]['input']>;
export type ParsedInputOf<K extends OperationName> = z.output<Contract[K]['input']>;
export type OutputOf<K extends CallName> = z.output<Contract[K]['output']>;
export type SnapshotOf<K extends StreamName> = z.output<Contract[K]['snapshot']>;
export type DeltaOf<K extends StreamName> = z.output<Contract[K]['delta']>;

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(contract, name);
}
