import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import type { Clock } from '../../../services/ports.ts';
import type { FlagProviderFactory } from '../context.ts';
import { formatOf } from '../document/formats.ts';
import { createDocumentProvider } from '../document/provider.ts';
import type { DocumentSource } from '../document/source.ts';
import { createKubeApi, type KubeApi, kubeconfigFiles } from './api.ts';
import { configMapKind, FEATURE_FLAG_KIND } from './object.ts';
import { createKubeSource } from './source.ts';

type Config = ConnectionConfigOf<'kubernetes'>;
type Resource = Config['resources'][string];

/** Flags in ConfigMaps and in flagd's FeatureFlag resources. */
export const kubernetesFlags: FlagProviderFactory<Config> = (config, context) => {
  const { clock, env, hintsOf } = context;
  const api = createKubeApi({
    files: kubeconfigFiles(config.kubeconfig, context.baseDir, env),
    context: config.context,
    timeoutMs: config.timeout,
    env,
    clock,
  });
  const provider = createDocumentProvider({
    kind: 'kubernetes',
    id: config.id,
    sources: Object.fromEntries(
      Object.entries(config.resources).map(([environment, resource]) => [
        environment,
        sourceOf(resource, config.context, api, clock),
      ]),
    ),
    format: formatOf(config.format),
    hintsOf,
    clock,
    keepsComment: true,
  });
  return {
    ...provider,
    dispose() {
      provider.dispose();
      api.dispose();
    },
  };
};

function sourceOf(resource: Resource, context: string | undefined, api: KubeApi, clock: Clock): DocumentSource {
  const { namespace, name: object } = resource;
  const cluster = context === undefined ? '' : `${context}: `;
  const shared = { api, clock, namespace, object };
  if (resource.resource === 'featureflag') {
    const name = `${cluster}${namespace}/featureflag/${object}`;
    return createKubeSource({ ...shared, kind: FEATURE_FLAG_KIND, name, fileName: 'flags.json' });
  }
  const name = `${cluster}${namespace}/configmap/${object}/${resource.key}`;
  return createKubeSource({
    ...shared,
    kind: configMapKind(`${namespace}/${object}`, resource.key),
    name,
    fileName: resource.key,
  });
}
