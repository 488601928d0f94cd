import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { HttpAuth } from '../../../platform/http/client.ts';
import { redactor } from '../../shared/credential.ts';
import { openApi } from '../../shared/http-connection.ts';
import type { FlagProviderFactory } from '../context.ts';
import { createHttpFlagsProvider } from './provider.ts';

type Config = ConnectionConfigOf<'http'>;

/** Any flag service with a JSON API, mapped by configuration alone. */
export const httpFlags: FlagProviderFactory<Config> = (config, context) => {
  const { api, auth } = openApi(config, context, {
    name: `${config.id}`,
    auth: (secret) => authOf(config.auth, secret),
  });
  return createHttpFlagsProvider({
    config,
    api,
    hintsOf: context.hintsOf,
    clock: context.clock,
    redact: redactor(auth),
  });
};

function authOf({ header, scheme }: Config['auth'], secret: string): HttpAuth {
  if (scheme.toLowerCase() === 'basic') {
    const colon = secret.indexOf(':');
    if (colon === -1 || header.toLowerCase() !== 'authorization') {
      throw new ScramError(
        'credential',
        'with scheme Basic the credential is user:password, in the header Authorization',
      );
    }
    return { kind: 'basic', user: secret.slice(0, colon), password: secret.slice(colon + 1) };
  }
  return { kind: 'header', name: header, value: scheme === '' ? secret : `${scheme} ${secret}` };
}
