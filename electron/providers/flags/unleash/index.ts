import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import { openApi } from '../../shared/http-connection.ts';
import type { FlagProviderFactory } from '../context.ts';
import { explain } from './client.ts';
import { createUnleashProvider } from './provider.ts';

export { createUnleashProvider } from './provider.ts';

/** Unleash, open source or Enterprise, by its Admin API. */
export const unleashFlags: FlagProviderFactory<ConnectionConfigOf<'unleash'>> = (config, context) => {
  const { api } = openApi(config, context, {
    name: 'Unleash',
    // Tokens are written `project:environment.secret` or `user:secret`, which is no user and password.
    auth: (token) => ({ kind: 'header', name: 'authorization', value: token }),
    explain,
  });
  const { id, project, environments } = config;
  const { hintsOf, clock } = context;
  return createUnleashProvider({
    id,
    api,
    project,
    site: config.url,
    environments,
    mayExport: config.largeRead === 'export',
    hintsOf,
    clock,
  });
};
