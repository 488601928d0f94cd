import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import {
  createHttpClient,
  type HttpClient,
  type HttpStream,
  type StreamRequest,
} from '../../../platform/http/client.ts';
import type { Clock } from '../../../services/ports.ts';
import { type Api, type ApiAnswer, type ApiRequest, createApi, type Explained } from '../../shared/api.ts';
import type { Cluster, ClusterAccess } from './kubeconfig.ts';

export interface KubeApiOptions {
  /** Kubeconfig files, the first wins; null: the pod's own service account. */
  readonly files: readonly string[] | null;
  /** Left out: the one that is current when it is first asked. */
  readonly context: string | undefined;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** The API server of one cluster, whoever the kubeconfig says that we are. */
export interface KubeApi {
  /** Throws as `Api` does; 403 names verb and resource. */
  ask<T>(request: ApiRequest<T>): Promise<ApiAnswer<T>>;
  stream(request: StreamRequest): Promise<HttpStream>;
  dispose(): void;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token';
/** An object of the API server has some 1.5 MB at most. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Plugins tell when a token runs out, or it is asked for again this often, and after a refusal. */
const ACCESS_MS = 30_000;

/** The files that kubectl would read. Throws `config-invalid` when there is none, and no service account either. */
export function kubeconfigFiles(
  configured: string | undefined,
  baseDir: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] | null {
  if (configured !== undefined) return [path.resolve(baseDir, configured)];
  const listed = (env.KUBECONFIG ?? '').split(path.delimiter).filter((file) => file !== '');
  if (listed.length > 0) return listed;
  const home = env.HOME ?? env.USERPROFILE;
  const own = home === undefined ? null : path.join(home, '.kube', 'config');
  if (own !== null && existsSync(own)) return [own];
  if (existsSync(SERVICE_ACCOUNT)) return null;
  throw new ScramError('config-invalid', 'no kubeconfig: neither KUBECONFIG nor ~/.kube/config is there', {
    action: 'Name the file in scram.yaml: kubeconfig of this connection.',
  });
}

interface Session {
  readonly http: HttpClient;
  readonly api: Api;
  readonly fingerprint: string;
}

export function createKubeApi(options: KubeApiOptions): KubeApi {
  const { files, timeoutMs, env, clock } = options;
  /** Pinned at the first look: `kubectl config use-context` must never send a kill to another cluster (B3). */
  let context = options.context;
  let cluster: { mark: string; cluster: Cluster } | null = null;
  let session: Session | null = null;
  let opening: Promise<Session> | null = null;
  let goodUntilMs = 0;
  let disposed = false;

  async function markOfFiles(): Promise<string> {
    const marks = (files ?? []).map(async (file) => {
      try {
        const { mtimeMs, size, ino } = await stat(file);
        return `${mtimeMs}.${size}.${ino}`;
      } catch (cause) {
        throw new ScramError('config-invalid', `kubeconfig ${file} is not there or cannot be read`, {
          action: 'Put the file there, or correct kubeconfig in scram.yaml.',
          cause,
        });
      }
    });
    return (await Promise.all(marks)).join(' ');
  }

  async function open(): Promise<Session> {
    const mark = await markOfFiles();
    if (cluster?.mark !== mark) {
      const { readCluster } = await import('./kubeconfig.ts');
      cluster = { mark, cluster: readCluster(files, context) };
      context ??= cluster.cluster.context;
    }
    const access = await withinTime(cluster.cluster);
    if (disposed) throw new ScramError('cancelled', 'the connection was closed');
    const fingerprint = hash('sha256', JSON.stringify(access));
    if (session?.fingerprint !== fingerprint) {
      // What is under way on the old one ends first.
      if (session !== null) clock.after(timeoutMs * 2, session.api.dispose);
      session = connect(access, fingerprint);
    }
    goodUntilMs = clock.now() + ACCESS_MS;
    return session;
  }

  function withinTime(to: Cluster): Promise<ClusterAccess> {
    return new Promise((resolve, reject) => {
      const timer = clock.after(timeoutMs, () =>
        reject(new ScramError('timeout', `kubeconfig: no credential for context ${to.context} within ${timeoutMs} ms`)),
      );
      to.access().then(resolve, reject).finally(timer.dispose);
    });
  }

  function connect({ server, caPem, tls, proxy, headers }: ClusterAccess, fingerprint: string): Session {
    const { Authorization, ...others } = headers;
    const auth =
      Authorization === undefined
        ? undefined
        : ({ kind: 'header', name: 'authorization', value: Authorization } as const);
    const http = createHttpClient({
      baseUrl: server,
      auth,
      headers: others,
      caPem,
      tls,
      proxy,
      env,
      timeoutMs,
      maxBytes: MAX_BYTES,
    });
    const { protocol, host } = new URL(server);
    return { http, api: createApi({ http, name: `Kubernetes at ${protocol}//${host}`, auth, explain }), fingerprint };
  }

  async function current(): Promise<Session> {
    if (disposed) throw new ScramError('cancelled', 'the connection was closed');
    if (session !== null && clock.now() < goodUntilMs) return session;
    opening ??= open().finally(() => {
      opening = null;
    });
    return opening;
  }

  return {
    async ask(request) {
      const { api } = await current();
      try {
        return await api.ask(request);
      } catch (error) {
        if (!(error instanceof ScramError)) throw error;
        // A token that has run out: the next request asks for a new one.
        if (error.code === 'credential') goodUntilMs = 0;
        throw /`ca`/.test(error.action ?? '') ? inKubeconfig(error) : error;
      }
    },
    stream: async (request) => (await current()).http.stream(request),
    dispose() {
      disposed = true;
      session?.api.dispose();
      session = null;
    },
  };
}

function inKubeconfig(error: ScramError): ScramError {
  return new ScramError(error.code, error.message, {
    action:
      "Check the server's certificate; a private authority's (ca) belongs to the cluster in the kubeconfig: certificate-authority-data.",
    retryable: error.retryable,
  });
}

/** Source: Kubernetes API conventions, "Response Status Kind". */
const statusSchema = z.object({
  kind: z.literal('Status'),
  message: z.string().default(''),
  reason: z.string().default(''),
});

function explain({ status }: { status: number }, body: unknown): Explained | null {
  const read = statusSchema.safeParse(body);
  // Where nothing is registered there is no Status either: the resource's definition is missing.
  if (!read.success && status === 404) {
    return {
      message: 'the cluster does not know such objects',
      action: "Check the address of the cluster, and whether flagd's operator is installed.",
    };
  }
  if (!read.success) return null;
  const { message, reason } = read.data;
  const forbidden = /cannot (\w+) resource "([^"]+)"(?: in API group "([^"]*)")?/.exec(message);
  if (reason === 'Forbidden' && forbidden !== null) {
    const [, verb, resource, group] = forbidden;
    return { message, permission: `${verb} ${resource}${group ? `.${group}` : ''}` };
  }
  // What the object would then be is not valid, or a patch found its place no more.
  if (status === 422) return { message, code: 'refused' };
  return { message };
}
