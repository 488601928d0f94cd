import { z } from 'zod';
import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import type { Explained } from '../../shared/api.ts';
import { openApi } from '../../shared/http-connection.ts';
import type { FlagProviderFactory } from '../context.ts';
import { createFliptProvider } from './provider.ts';

/** A refusal of gRPC's gateway: `{code, message, details}`, the code one of gRPC's. */
const refusalSchema = z.looseObject({ code: z.number(), message: z.string() });
const UNIMPLEMENTED = 12;

/** Flipt v2. */
export const fliptFlags: FlagProviderFactory<ConnectionConfigOf<'flipt'>> = (config, context) => {
  const { api } = openApi(config, context, {
    name: 'Flipt',
    // A token of Flipt's own may hold a colon; it has no Basic authentication.
    auth: (token) => ({ kind: 'bearer', token }),
    explain: (response, body) => explained(response.status, body),
  });
  return createFliptProvider({ ...config, api, hintsOf: context.hintsOf, clock: context.clock });
};

function explained(status: number, body: unknown): Explained | null {
  const read = refusalSchema.safeParse(body);
  if (!read.success) return null;
  const { code, message } = read.data;
  if (code === UNIMPLEMENTED && status === 501) {
    return {
      message,
      code: 'refused',
      action: 'Change the flag where Flipt takes its flags from: it only reads them.',
    };
  }
  if (status === 404 && message.startsWith('environment:')) {
    return { message, action: "Check the connection's environments in scram.yaml against Flipt's." };
  }
  return { message };
}
