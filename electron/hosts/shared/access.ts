import type { Access } from '../../../shared/contract/define.ts';

/** Whoever started the console holds its data folder: until operators exist (D5), that person may do everything. */
export const ALL_ACCESS: ReadonlySet<Access> = new Set(['view', 'act', 'administer']);
