import { z } from 'zod';
import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import type { Explained } from '../../shared/api.ts';
import { openApi } from '../../shared/http-connection.ts';
import type { FlagProviderFactory } from '../context.ts';
import { createFlagsmithProvider } from './provider.ts';

/** A refusal of Django REST framework: `{detail}`, or the fields with what is wrong with each. */
const detailSchema = z.looseObject({ detail: z.string() });
const fieldsSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** Which permission an address asks for, which Flagsmith's answer does not say (api/features/permissions.py). */
const PERMISSIONS: readonly (readonly [RegExp, string])[] = [
  [/\/features\/featurestates\/\d+\/$/, 'MANAGE_SEGMENT_OVERRIDES'],
  [/^(?:PUT|PATCH) .*featurestates/, 'UPDATE_FEATURE_STATE'],
  [/^POST .*\/versions\/$/, 'UPDATE_FEATURE_STATE'],
  [/\/audit\/$/, 'VIEW_AUDIT_LOG'],
  [/\/projects\/\d+\//, 'VIEW_PROJECT'],
  [/^GET .*(?:featurestates|feature-segments|overrides)/, 'VIEW_ENVIRONMENT'],
];

/** Flagsmith's Admin API. */
export const flagsmithFlags: FlagProviderFactory<ConnectionConfigOf<'flagsmith'>> = (config, context) => {
  const { api } = openApi(config, context, {
    name: 'Flagsmith',
    needsCredential: true,
    // An organisation's API key (docs.flagsmith.com, management API); a user's token says so itself.
    auth: (secret) => ({
      kind: 'header',
      name: 'authorization',
      value: /^(?:Token|Bearer|Api-Key) /i.test(secret) ? secret : `Api-Key ${secret}`,
    }),
    explain: ({ status, where }, body) => explained(status, where, body),
  });
  return createFlagsmithProvider({ ...config, api, hintsOf: context.hintsOf, clock: context.clock });
};

function explained(status: number, where: string, body: unknown): Explained | null {
  const message = wordsOf(body);
  if (message === null) return null;
  if (status === 403 && /change request/i.test(message)) {
    return { message, code: 'approval-required', action: 'Make a change request for the flag in Flagsmith.' };
  }
  // A credential that is none is answered 403 too, and then no permission is missing.
  const permission =
    status === 403 && !/credential/i.test(message) ? PERMISSIONS.find(([at]) => at.test(where))?.[1] : null;
  return { message, permission: permission ?? null };
}

function wordsOf(body: unknown): string | null {
  const detail = detailSchema.safeParse(body);
  if (detail.success) return detail.data.detail;
  const fields = fieldsSchema.safeParse(Array.isArray(body) ? { '': body } : body);
  if (!fields.success) return null;
  const parts = Object.entries(fields.data).map(([name, told]) =>
    [name, typeof told === 'string' ? told : told.join(', ')].filter((part) => part !== '').join(': '),
  );
  return parts.length === 0 ? null : parts.join('; ');
}
