import type { setup as source } from '../en/setup.ts';
import type { Texts } from '../texts.ts';

export const setup: Texts<typeof source> = {};
