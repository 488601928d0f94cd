import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { kubernetesFlags } from '../../../electron/providers/flags/kubernetes/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { kubernetesConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { type Certificate, makeCertificate } from '../../support/certificate.ts';
import { contextOf } from '../../support/flag-context.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { edited } from '../document/file-fixture.ts';
import { evaluate } from '../flagd/fixture.ts';
import { JSON_EDITS, JSON_TEXT } from '../flagd/samples.ts';
import { FLAG_SPEC } from './samples.ts';
import { type KubeObject, type RunningCluster, startCluster, TOKEN } from './server.ts';

export const never = new AbortController().signal;
export const CONFIG_MAP = '/api/v1/namespaces/shop/configmaps/flags';
export const FEATURE_FLAG = '/apis/core.openfeature.dev/v1beta1/namespaces/shop/featureflags/flags';
export const RESOURCES = {
  configmap: { resource: 'configmap', namespace: 'shop', name: 'flags', key: 'flags.json' },
  featureflag: { resource: 'featureflag', namespace: 'shop', name: 'flags' },
} as const;

export interface KubeconfigParts {
  readonly url: string;
  readonly caPem?: string | undefined;
  readonly token?: string;
  readonly user?: object;
}

/** A kubeconfig with one context, `here`. */
export function kubeconfigOf({ url, caPem, token = TOKEN, user }: KubeconfigParts): string {
  const ca = caPem === undefined ? {} : { 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
  const open = url.startsWith('http:') ? { 'insecure-skip-tls-verify': true } : {};
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'one', cluster: { server: url, ...ca, ...open } }],
    users: [{ name: 'scram', user: user ?? { token } }],
    contexts: [{ name: 'here', context: { cluster: 'one', user: 'scram' } }],
    'current-context': 'here',
  });
}

/** The provider that a configuration makes, with a kubeconfig of its own in `folder`. */
export function providerOf(
  folder: TempFolder,
  parts: KubeconfigParts,
  resource: object = RESOURCES.configmap,
  settings: object = {},
): FlagProvider {
  const kubeconfig = folder.at(`kubeconfig-${Math.random()}`);
  writeFileSync(kubeconfig, kubeconfigOf(parts));
  const config = kubernetesConnectionSchema.parse({
    id: 'flags',
    kind: 'kubernetes',
    kubeconfig,
    resources: { production: resource },
    ...settings,
  });
  return kubernetesFlags(config, contextOf());
}

let certificate: Certificate | null = null;

/** One certificate for all clusters of a test file. */
export function clusterCertificate(): Certificate {
  certificate ??= makeCertificate();
  return certificate;
}

interface Kept {
  readonly path: string;
  readonly resource: object;
  readonly fill: (cluster: RunningCluster) => void;
  /** The document in the object, and the object with another one. */
  readonly text: (object: KubeObject) => string;
  readonly withText: (object: KubeObject, text: string) => KubeObject;
  readonly without: (text: string, key: string) => string;
  readonly changed: (text: string, key: string) => string;
}

const AS_CONFIG_MAP: Kept = {
  path: CONFIG_MAP,
  resource: RESOURCES.configmap,
  fill: (cluster) =>
    cluster.put(CONFIG_MAP, {
      metadata: { labels: { app: 'shop' } },
      data: { 'flags.json': JSON_TEXT, 'other.txt': 'kept' },
    }),
  text: (object) => (object.data as Record<string, string>)['flags.json'] ?? '',
  withText: (object, text) => ({ ...object, data: { ...(object.data as object), 'flags.json': text } }),
  without: (text, key) => edited(text, JSON_EDITS.remove[key]),
  changed: (text, key) => edited(text, JSON_EDITS.change[key]),
};

const AS_FEATURE_FLAG: Kept = {
  path: FEATURE_FLAG,
  resource: RESOURCES.featureflag,
  fill: (cluster) =>
    cluster.put(FEATURE_FLAG, { metadata: { annotations: { team: 'payments' } }, spec: { flagSpec: FLAG_SPEC } }),
  text: (object) => JSON.stringify((object.spec as { flagSpec: unknown }).flagSpec),
  withText: (object, text) => ({ ...object, spec: { flagSpec: JSON.parse(text) } }),
  without(text, key) {
    const spec = JSON.parse(text);
    delete spec.flags[key];
    return JSON.stringify(spec);
  },
  changed(text, key) {
    const spec = JSON.parse(text);
    if (key === 'enable_plain') spec.flags[key].defaultVariant = 'off';
    else
      spec.flags[key].targeting = {
        fractional: [
          ['on', 50],
          ['off', 50],
        ],
      };
    return JSON.stringify(spec);
  },
};

async function fixtureOf(kept: Kept, tls: Certificate | undefined): Promise<FlagFixture> {
  const cluster = await startCluster(tls);
  const folder = tempFolder('kube');
  kept.fill(cluster);
  const { path, resource } = kept;
  const object = () => {
    const found = cluster.get(path);
    if (!found) throw new Error('the object is gone');
    return found;
  };
  const change = (how: (text: string) => string) =>
    cluster.put(path, kept.withText(object(), how(kept.text(object()))));
  return {
    provider: providerOf(folder, { url: cluster.url, caPem: tls?.cert }, resource),
    async snapshot() {
      // What a change to flags leaves alone by definition: the reason, versions, and the cluster's own book-keeping.
      const { metadata, ...rest } = object();
      const { annotations, resourceVersion, managedFields, ...own } = metadata;
      return JSON.stringify([rest, own]);
    },
    changeElsewhere: async (key) => change((text) => kept.changed(text, key)),
    removeElsewhere: async (key) => change((text) => kept.without(text, key)),
    evaluate: async (key, users) => evaluate(kept.text(object()), key, users),
    commentOf: async () => String((object().metadata.annotations as Record<string, string>)['scram/reason']),
    http: {
      url: cluster.url,
      isWrite: ({ method }) => method === 'PATCH' || method === 'PUT',
      connect: ({ url, caPem, timeoutMs }) =>
        providerOf(folder, { url, caPem }, resource, timeoutMs ? { timeout: `${timeoutMs}ms` } : {}),
    },
    async dispose() {
      await cluster.stop();
      folder.remove();
    },
  };
}

/** Over TLS with a private authority, or open for a proxy that misbehaves in front of it. */
export const configMapFixture = (tls: Certificate | undefined = clusterCertificate()) => fixtureOf(AS_CONFIG_MAP, tls);
export const featureFlagFixture = (tls: Certificate | undefined = clusterCertificate()) =>
  fixtureOf(AS_FEATURE_FLAG, tls);
export const openConfigMapFixture = () => fixtureOf(AS_CONFIG_MAP, undefined);
export const openFeatureFlagFixture = () => fixtureOf(AS_FEATURE_FLAG, undefined);
