import { FlagdCore } from '@openfeature/flagd-core';
import { isJsonObject } from '../../shared/model/json.ts';

/** One user as the practice services know them: what targeting rules can look at. */
export interface PracticeUser {
  readonly targetingKey: string;
  readonly region: string;
  readonly plan: 'free' | 'plus' | 'business';
}

const SILENT = { error() {}, warn() {}, info() {}, debug() {} };

/** What one content of a flag file serves, by flagd's own evaluation: a percentage is a share of real users. */
export interface FlagVersion {
  readonly environment: string;
  /** From when the file had this content, epoch ms. */
  readonly atMs: number;
  readonly text: string;
  /** Null: the code's own default, since the flag is disabled, not there, or cannot be evaluated. */
  variantFor(flag: string, user: PracticeUser): string | null;
}

/** Null when flagd cannot read the text: services then stay with what they had, as flagd's own providers do. */
export function readFlagVersion(environment: string, atMs: number, text: string): FlagVersion | null {
  const core = new FlagdCore(undefined, SILENT, { disableDynamicCodeGeneration: true });
  try {
    // flagd-core takes a file without flags for an empty one.
    const file: unknown = JSON.parse(text);
    if (!isJsonObject(file) || !isJsonObject(file.flags)) return null;
    core.setConfigurations(text);
  } catch {
    return null;
  }
  return {
    environment,
    atMs,
    text,
    variantFor(flag, user) {
      const found = core.getFlag(flag);
      if (found?.state !== 'ENABLED') return null;
      const result = found.evaluate({ ...user }, SILENT);
      return result.reason === 'ERROR' ? null : (result.variant ?? null);
    },
  };
}
