import type { health as source } from '../en/health.ts';
import type { Texts } from '../texts.ts';

export const health: Texts<typeof source> = {};
