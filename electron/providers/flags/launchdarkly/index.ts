import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import { redactor } from '../../shared/credential.ts';
import { openApi } from '../../shared/http-connection.ts';
import type { FlagProviderFactory } from '../context.ts';
import { explain } from './errors.ts';
import { createLaunchDarklyProvider } from './provider.ts';

/** Without it the version that the token was made with answers, whose lists and fields are others. */
export const API_VERSION = '20240415';

/** LaunchDarkly, or its EU or federal instance. */
export const launchdarklyFlags: FlagProviderFactory<ConnectionConfigOf<'launchdarkly'>> = (config, context) => {
  const { api, auth } = openApi(config, context, {
    name: 'LaunchDarkly',
    // The token stands by itself: no "Bearer" before it (launchdarkly.com/docs/api, Authentication).
    auth: (secret) => ({ kind: 'header', name: 'Authorization', value: secret }),
    needsCredential: true,
    headers: { 'LD-API-Version': API_VERSION },
    explain,
  });
  const { id, project, environments } = config;
  return createLaunchDarklyProvider({
    id,
    api,
    redact: redactor(auth),
    project,
    site: config.url,
    environments,
    hintsOf: context.hintsOf,
    clock: context.clock,
  });
};
