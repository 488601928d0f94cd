import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { ScramError } from '../../../../shared/model/error.ts';
import type { HttpTls } from '../../../platform/http/client.ts';

/** How the API server is reached just now; tokens and certificates of plugins run out. */
export interface ClusterAccess {
  readonly server: string;
  readonly caPem: string | undefined;
  readonly tls: HttpTls;
  readonly proxy: string | undefined;
  /** Who asks: a token, a password, an impersonated user. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Cluster {
  /** Name of the context in use; it stays the same whatever is made the current one later. */
  readonly context: string;
  /** Throws `credential` when a plugin gives no credential. */
  access(): Promise<ClusterAccess>;
}

/**
 * Reads kubeconfig files as kubectl does: of what two of them name alike the first counts. Null: the pod's own service
 * account. This module alone loads the Kubernetes library, which is large: import it when it is needed.
 */
export function readCluster(files: readonly string[] | null, context: string | undefined): Cluster {
  const named = files === null ? "the pod's service account" : files.join(', ');
  const config = new KubeConfig();
  try {
    if (files === null) config.loadFromCluster();
    else load(config, files);
  } catch (cause) {
    throw new ScramError('config-invalid', `kubeconfig ${named} cannot be read: ${wordsOf(cause)}`, {
      action: 'Correct the file; kubectl config view shows what is in it.',
      cause,
    });
  }
  const contexts = config.getContexts().map(({ name }) => name);
  if (context !== undefined) config.setCurrentContext(context);
  const current = config.getCurrentContext();
  const cluster = config.getCurrentCluster();
  if (cluster === null || config.getCurrentUser() === null) {
    throw new ScramError(
      'config-invalid',
      `kubeconfig ${named} has no whole context ${current || '(none is current)'}`,
      {
        action: `Name one of its contexts in scram.yaml: ${contexts.join(', ') || 'it has none'}.`,
      },
    );
  }
  if (cluster.proxyUrl?.startsWith('socks')) {
    throw new ScramError('config-invalid', `kubeconfig ${named}: cluster ${cluster.name} is behind a SOCKS proxy`, {
      action: 'Give an HTTP proxy as its proxy-url.',
    });
  }
  return {
    context: current,
    async access() {
      const headers: Record<string, string> = {};
      const options: RequestOptions = { headers };
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        if (/^http:/.test(cluster.server) && !cluster.skipTLSVerify) {
          throw new ScramError(
            'config-invalid',
            `kubeconfig ${named}: cluster ${cluster.name} is reached without TLS`,
            {
              action: 'Give its https address, or say insecure-skip-tls-verify: true if that is meant.',
            },
          );
        }
        // Neither the words nor the cause of a plugin are told: they may hold what it was given.
        const kind = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
        throw new ScramError('credential', `kubeconfig ${named}: no credential for context ${current}${kind}`, {
          action: `Try: kubectl --context ${current} auth whoami`,
        });
      }
      const { auth, ca, cert, key, servername, rejectUnauthorized } = options;
      return {
        server: cluster.server,
        caPem: pem(ca),
        tls: { cert: pem(cert), key: pem(key), serverName: servername, unchecked: rejectUnauthorized === false },
        proxy: cluster.proxyUrl,
        headers: auth ? { ...headers, Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : headers,
      };
    },
  };
}

function load(config: KubeConfig, [first = '', ...others]: readonly string[]): void {
  config.loadFromFile(first);
  for (const file of others) {
    const more = new KubeConfig();
    more.loadFromFile(file);
    const known = (own: readonly { name: string }[]) => new Set(own.map(({ name }) => name));
    const [clusters, users, contexts] = [config.clusters, config.users, config.contexts].map(known);
    for (const cluster of more.clusters) if (!clusters?.has(cluster.name)) config.addCluster(cluster);
    for (const user of more.users) if (!users?.has(user.name)) config.addUser(user);
    for (const each of more.contexts) if (!contexts?.has(each.name)) config.addContext(each);
    if (!config.currentContext) config.setCurrentContext(more.currentContext);
  }
}

function pem(value: unknown): string | undefined {
  return typeof value === 'string' || Buffer.isBuffer(value) ? value.toString() : undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
