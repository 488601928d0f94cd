import type { ledger as source } from '../en/ledger.ts';
import type { Texts } from '../texts.ts';

export const ledger: Texts<typeof source> = {};
