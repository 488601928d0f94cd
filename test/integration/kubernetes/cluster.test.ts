import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { kubernetesFlags } from '../../../electron/providers/flags/kubernetes/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { kubernetesConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { contextOf } from '../../support/flag-context.ts';
import { waitFor } from '../../support/processes.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { JSON_TEXT } from '../flagd/samples.ts';
import { YAML_TEXT } from '../goff/samples.ts';
import { CONFIG_MAP, clusterCertificate, FEATURE_FLAG, kubeconfigOf, never, providerOf, RESOURCES } from './fixture.ts';
import { FLAG_SPEC } from './samples.ts';
import { type RunningCluster, startCluster, TOKEN } from './server.ts';

const KEY = 'enable_rollout';
const tls = clusterCertificate();
let cluster: RunningCluster;
let folder: TempFolder;
const opened: FlagProvider[] = [];

beforeEach(async () => {
  cluster = await startCluster(tls);
  folder = tempFolder('kube');
  cluster.put(CONFIG_MAP, {
    metadata: { labels: { app: 'shop' } },
    data: { 'flags.json': JSON_TEXT, 'other.txt': 'x' },
  });
  cluster.put(FEATURE_FLAG, { metadata: {}, spec: { flagSpec: FLAG_SPEC } });
});
afterEach(async () => {
  for (const provider of opened.splice(0)) provider.dispose();
  await cluster.stop();
  folder.remove();
});

function open(
  resource: object = RESOURCES.configmap,
  parts: { user?: object } = {},
  settings: object = {},
): FlagProvider {
  const provider = providerOf(folder, { url: cluster.url, caPem: tls.cert, ...parts }, resource, settings);
  opened.push(provider);
  return provider;
}

/** A provider whose kubeconfig is found as kubectl finds it. */
function openWith(env: Record<string, string>, settings: object = {}): FlagProvider {
  const resources = { production: RESOURCES.configmap };
  const config = kubernetesConnectionSchema.parse({ id: 'flags', kind: 'kubernetes', resources, ...settings });
  const provider = kubernetesFlags(config, contextOf({ env, baseDir: folder.path }));
  opened.push(provider);
  return provider;
}

async function problem(run: () => unknown): Promise<ScramError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScramError) return error;
    throw error;
  }
  throw new Error('expected a ScramError');
}

const read = (provider: FlagProvider, key = KEY) => provider.readFlag(key, 'production', never);

async function kill(provider: FlagProvider, key = KEY): Promise<void> {
  const flag = await read(provider, key);
  const { write } = provider.planKill(flag);
  const comment = 'SCRAM-7: checkout errors';
  await provider.apply({ key, environment: 'production', expectRevision: flag.state.revision, write, comment }, never);
}

describe('what a change leaves alone', () => {
  it('B7: a kill in a ConfigMap changes one key of its data and the reason, and nothing else', async () => {
    const before = structuredClone(cluster.get(CONFIG_MAP));
    await kill(open());
    const after = cluster.get(CONFIG_MAP);
    expect(after).toMatchObject({ data: { 'other.txt': 'x' }, metadata: { labels: { app: 'shop' } } });
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    expect(after?.metadata.annotations).toEqual({ 'scram/reason': `${KEY}: SCRAM-7: checkout errors` });
    const patches = cluster.seen.filter(({ method }) => method === 'PATCH');
    expect(patches).toHaveLength(1);
    expect(patches[0]?.headers['content-type']).toBe('application/json-patch+json');
  });

  it('B7: a patch of a FeatureFlag names the changed fields alone: numbers that JavaScript cannot hold stay as they are', async () => {
    await kill(open(RESOURCES.featureflag));
    const [patch] = cluster.seen.filter(({ method }) => method === 'PATCH');
    const steps = JSON.parse(patch?.body ?? '[]') as { op: string; path: string }[];
    expect(steps.map(({ op, path }) => `${op} ${path}`)).toEqual([
      'replace /metadata/resourceVersion',
      'add /metadata/annotations',
      `remove /spec/flagSpec/flags/${KEY}/targeting`,
    ]);
    const spec = cluster.get(FEATURE_FLAG)?.spec as { flagSpec: typeof FLAG_SPEC };
    const { targeting, ...kept } = FLAG_SPEC.flags.enable_rollout;
    expect(spec.flagSpec).toEqual({ ...FLAG_SPEC, flags: { ...FLAG_SPEC.flags, [KEY]: kept } });
  });

  it.each([
    ['another key of the ConfigMap', 'other.txt', 'y', null],
    ['this flag', 'flags.json', JSON_TEXT.replace('["on", 20]', '["on", 30]'), 'conflict'],
  ] as const)('B2: somebody changes %s between reading and writing', async (_, key, value, code) => {
    const provider = open();
    const flag = await read(provider);
    const { write } = provider.planKill(flag);
    let patches = 0;
    cluster.beforePatch = () => {
      patches += 1;
      const object = cluster.get(CONFIG_MAP);
      if (patches === 1) cluster.put(CONFIG_MAP, { ...object, data: { ...(object?.data as object), [key]: value } });
    };
    const request = { key: KEY, environment: 'production', expectRevision: flag.state.revision, write, comment: '' };
    const done = provider.apply(request, never);
    if (code === null) await done;
    else expect((await problem(() => done)).code).toBe(code);
    expect(patches).toBe(code === null ? 2 : 1);
    expect(cluster.get(CONFIG_MAP)).toMatchObject({ data: { [key]: value } });
    expect((await read(provider)).state.killed).toBe(code === null);
  });
});

describe('permissions', () => {
  it.each([
    ['configmap', 'configmaps'],
    ['featureflag', 'featureflags.core.openfeature.dev'],
  ] as const)('403 for a %s names verb and resource, and nothing is written', async (kind, resource) => {
    const provider = open(RESOURCES[kind]);
    cluster.allowed.delete(`patch ${kind}s`);
    const error = await problem(() => kill(provider));
    expect(error.code).toBe('credential');
    expect(error.message).toContain(`the permission patch ${resource} is missing`);
    expect(error.action).toContain(`patch ${resource}`);
    const report = await provider.probe(never);
    expect(report).toMatchObject({ ok: false, canRead: true, canWrite: false });
    expect(report.detail).toContain(
      `the permission patch ${resource} in namespace shop is missing (no RBAC policy matched)`,
    );
    cluster.allowed.delete(`get ${kind}s`);
    expect((await problem(() => read(provider))).message).toContain(`the permission get ${resource} is missing`);
  });

  it('the probe says version, permission and clock', async () => {
    const report = await open().probe(never);
    expect(report).toMatchObject({ ok: true, canRead: true, canWrite: true });
    expect(report.clockSkewMs).not.toBeNull();
    expect(report.fields).toEqual([
      { name: 'version', source: '/version', value: 'v1.34.2', problem: null },
      { name: 'patch configmaps', source: 'SelfSubjectAccessReview', value: 'allowed', problem: null },
    ]);
  });

  it('an immutable ConfigMap: the probe says so before a kill has to', async () => {
    const object = cluster.get(CONFIG_MAP);
    cluster.put(CONFIG_MAP, { ...object, immutable: true });
    expect(await open().probe(never)).toMatchObject({
      ok: false,
      canWrite: false,
      detail: expect.stringMatching(/immutable/),
    });
    expect(await problem(() => kill(open()))).toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/immutable/),
    });
  });
});

describe('objects that are not as they should be', () => {
  it('a key that is not there: the ones that are are named', async () => {
    const error = await problem(() => read(open({ ...RESOURCES.configmap, key: 'flag.json' })));
    expect(error.code).toBe('not-found');
    expect(error.message).toMatch(/does not hold flag\.json; its keys: flags\.json, other\.txt/);
  });

  it('an object that is not there, and a cluster that does not know such objects', async () => {
    const provider = open(RESOURCES.featureflag);
    cluster.remove(FEATURE_FLAG);
    const gone = await problem(() => read(provider));
    expect(gone).toMatchObject({ code: 'not-found', message: expect.stringContaining('"flags" not found') });
    cluster.withoutFeatureFlags = true;
    expect(await problem(() => read(provider))).toMatchObject({
      code: 'not-found',
      action: expect.stringMatching(/flagd's operator is installed/),
    });
  });

  it('a document that flagd would refuse: line and field, under the name of the object', async () => {
    cluster.put(CONFIG_MAP, { metadata: {}, data: { 'flags.json': '{"flags": {\n"a": {"state": "ON"}}}' } });
    const error = await problem(() => open().readEnvironment('production', never));
    expect(error.message).toMatch(/^shop\/configmap\/flags\/flags\.json:2:\d+: flags\.a\.state: expected ENABLED/);
  });

  it('B2: rules that were taken out between reading and writing are a conflict, not an error of the patch', async () => {
    const provider = open(RESOURCES.featureflag);
    const flag = await read(provider);
    const { write } = provider.planKill(flag);
    const { targeting, ...plain } = FLAG_SPEC.flags.enable_rollout;
    cluster.beforePatch = () => {
      const flags = { ...FLAG_SPEC.flags, [KEY]: plain };
      cluster.put(FEATURE_FLAG, { metadata: {}, spec: { flagSpec: { flags } } });
    };
    const request = { key: KEY, environment: 'production', expectRevision: flag.state.revision, write, comment: '' };
    expect((await problem(() => provider.apply(request, never))).code).toBe('conflict');
  });

  it('GO Feature Flag files in a ConfigMap, as YAML', async () => {
    cluster.put(CONFIG_MAP, { metadata: {}, data: { 'flags.goff.yaml': YAML_TEXT } });
    const provider = open({ ...RESOURCES.configmap, key: 'flags.goff.yaml' }, {}, { format: 'goff' });
    const before = await read(provider);
    expect(before.state).toMatchObject({ percentage: 20 });
    await kill(provider);
    const killed = await read(provider);
    expect(killed.state).toMatchObject({ killed: true, serves: 'False' });
    const { write } = provider.planRestore(killed, before);
    const request = { key: KEY, environment: 'production', expectRevision: killed.state.revision, write, comment: '' };
    await provider.apply(request, never);
    expect(cluster.get(CONFIG_MAP)?.data).toEqual({ 'flags.goff.yaml': YAML_TEXT });
  });

  it('a FeatureFlag in the format of another system is refused in the configuration', () => {
    expect(() => open(RESOURCES.featureflag, {}, { format: 'goff' })).toThrow(/flagd alone/);
    expect(() => open({ ...RESOURCES.configmap, name: '../secrets/x' })).toThrow(/a name as Kubernetes has them/);
  });
});

describe('who we are', () => {
  /** A credential plugin that gives what stands in a file, and counts how often it is asked. */
  function plugin(token: string, expires?: string): { user: object; token: string; calls: () => number } {
    const file = folder.at('token');
    writeFileSync(file, token);
    const status = `{\\"token\\": \\"$(cat ${file})\\"${expires ? `, \\"expirationTimestamp\\": \\"${expires}\\"` : ''}}`;
    const script = folder.at('plugin.sh');
    writeFileSync(
      script,
      `#!/bin/sh\necho x >> ${folder.at('calls')}\necho "{\\"apiVersion\\": \\"client.authentication.k8s.io/v1\\", \\"kind\\": \\"ExecCredential\\", \\"status\\": ${status}}"\n`,
    );
    chmodSync(script, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: script, interactiveMode: 'Never' };
    return { user: { exec }, token: file, calls: () => readFileSync(folder.at('calls'), 'utf8').length / 2 };
  }

  it("a plugin's token is used, kept for a while, and asked for again once it is refused", async () => {
    const made = plugin(TOKEN);
    const provider = open(RESOURCES.configmap, { user: made.user });
    for (let times = 0; times < 5; times += 1) await read(provider);
    expect(made.calls()).toBe(1);
    cluster.token = 'kube-token-of-tomorrow';
    writeFileSync(made.token, cluster.token);
    const error = await problem(() => read(provider));
    expect(error.code).toBe('credential');
    expect(inspect(error, { depth: 5 })).not.toContain(TOKEN);
    expect((await read(provider)).key).toBe(KEY);
    expect(made.calls()).toBe(2);
  });

  it('a plugin that fails, or hangs: a credential problem with what to do, within the time', async () => {
    const user = (command: string, ...args: string[]) => ({
      user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args } },
    });
    const failing = await problem(() => read(open(RESOURCES.configmap, user('/bin/false'))));
    expect(failing).toMatchObject({ code: 'credential', action: expect.stringMatching(/kubectl --context here/) });
    const hanging = open(RESOURCES.configmap, user('/bin/sleep', '5'), { timeout: '300ms' });
    expect((await problem(() => read(hanging))).code).toBe('timeout');
  });

  it('E2: a token is not sent without TLS unless the kubeconfig says so, and no plugin output is told', async () => {
    const open = kubeconfigOf({ url: 'http://127.0.0.1:9' }).replace('insecure-skip-tls-verify: true', 'x: 1');
    writeFileSync(folder.at('plain'), open);
    const plain = await problem(() => read(openWith({ KUBECONFIG: folder.at('plain') })));
    expect(plain).toMatchObject({ code: 'config-invalid', message: expect.stringMatching(/without TLS/) });
    const args = ['-c', 'echo my-plugin-secret >&2; exit 1'];
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args } };
    writeFileSync(folder.at('leaky'), kubeconfigOf({ url: cluster.url, caPem: tls.cert, user }));
    const leaky = await problem(() => read(openWith({ KUBECONFIG: folder.at('leaky') })));
    expect(leaky.code).toBe('credential');
    expect(inspect(leaky, { depth: 8 })).not.toContain('my-plugin-secret');
  });

  it('B3: the context stays the one of the first look, whatever becomes the current one', async () => {
    const other = await startCluster(tls);
    try {
      other.put(CONFIG_MAP, { metadata: {}, data: { 'flags.json': '{"flags": {}}' } });
      const config = kubeconfigOf({ url: cluster.url, caPem: tls.cert });
      const file = folder.at('config');
      writeFileSync(file, config);
      const provider = openWith({ KUBECONFIG: file });
      expect((await read(provider)).providerEnvironment).toBe('shop/configmap/flags/flags.json');
      const both = config
        .replace(
          'clusters:',
          `clusters:\n  - name: two\n    cluster: {server: "${other.url}", insecure-skip-tls-verify: true}`,
        )
        .replace('contexts:', 'contexts:\n  - name: there\n    context: {cluster: two, user: scram}')
        .replace('current-context: here', 'current-context: there');
      expect(both).toContain('current-context: there');
      writeFileSync(file, both);
      // The old token is refused, so that the file is read anew.
      cluster.token = 'another';
      await problem(() => read(provider));
      cluster.token = TOKEN;
      expect((await read(provider)).key).toBe(KEY);
      expect(other.seen).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  it('finds its file as kubectl does: KUBECONFIG with several, then the home folder', async () => {
    const whole = folder.at('one');
    writeFileSync(whole, kubeconfigOf({ url: cluster.url, caPem: tls.cert }));
    const empty = folder.at('two');
    writeFileSync(empty, stringify({ apiVersion: 'v1', kind: 'Config', clusters: [], users: [], contexts: [] }));
    expect((await read(openWith({ KUBECONFIG: `${empty}:${whole}` }))).key).toBe(KEY);
    const named = openWith({ KUBECONFIG: whole }, { context: 'nowhere' });
    expect(await problem(() => read(named))).toMatchObject({
      code: 'config-invalid',
      action: expect.stringMatching(/contexts in scram\.yaml: here/),
    });
    expect(() => openWith({ HOME: folder.at('nobody') })).toThrow(/no kubeconfig/);
    const gone = openWith({ KUBECONFIG: folder.at('gone') });
    expect((await problem(() => read(gone))).message).toMatch(/gone is not there or cannot be read/);
  });
});

describe('watching', () => {
  const change = (text: string) =>
    cluster.put(CONFIG_MAP, { ...cluster.get(CONFIG_MAP), data: { 'flags.json': text } });

  it.each(['cut', 'gone'] as const)(
    'a watch that ends (%s) is begun anew, and what was missed is told',
    async (how) => {
      const provider = open();
      let told = 0;
      const watch = provider.watch(() => {
        told += 1;
      });
      await waitFor('the watch', () => cluster.watchers === 1 && told === 1);
      change(JSON_TEXT.replace('["on", 20]', '["on", 30]'));
      await waitFor('the event', () => told === 2);
      cluster.endWatches(how);
      await waitFor('its end', () => cluster.watchers === 0);
      change(JSON_TEXT.replace('["on", 20]', '["on", 40]'));
      await waitFor('what was missed', () => told === 3);
      cluster.remove(CONFIG_MAP);
      await waitFor('the removal', () => told === 4);
      watch.dispose();
      await waitFor('the end of the watch', () => cluster.watchers === 0);
    },
  );

  it('an idle look asks for metadata alone; 50 of them need no more than 50 short answers', async () => {
    const provider = open();
    const { mark, sourceChangedAtMs } = await provider.readEnvironment('production', never);
    expect(Math.abs(Date.now() - (sourceChangedAtMs ?? 0))).toBeLessThan(5000);
    const before = cluster.seen.length;
    for (let times = 0; times < 50; times += 1) {
      expect(await provider.readChanges?.('production', mark ?? '', never)).toMatchObject({
        upserts: [],
        removals: [],
      });
    }
    expect(cluster.seen.length - before).toBe(50);
    for (const { headers } of cluster.seen.slice(before)) expect(headers.accept).toMatch(/as=PartialObjectMetadata/);
  });
});
