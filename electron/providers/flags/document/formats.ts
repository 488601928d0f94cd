import { flagdFormat } from '../flagd/format.ts';
import { goffFormat } from '../goff/format.ts';
import type { FlagFormat } from './format.ts';

const FORMATS: Readonly<Record<'flagd' | 'goff', FlagFormat>> = { flagd: flagdFormat, goff: goffFormat };

/** The format of a stored document, as a connection's `format` names it. */
export function formatOf(name: keyof typeof FORMATS): FlagFormat {
  return FORMATS[name];
}
