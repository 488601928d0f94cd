import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { type ApiCall, type ApiServer, type Reply, startApiServer } from '../../support/api-server.ts';
import { waitFor } from '../../support/processes.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { openPipeline } from '../changes/pipeline.ts';
import { connectUnleash, never, PROJECT } from './fixture.ts';

const KEY = 'enable_pay';
const TITLE = 'Scram: kill enable_pay in production (change 0123456789abcdef)';

interface ChangeRequest {
  id: number;
  title: string | null;
  environment: string;
  state: string;
  features: { name: string; changes: { id: number; action: string; payload: unknown }[] }[];
  comments: { text: string }[];
}

/**
 * One flag, and change requests as Unleash's own page uses them (frontend/src/component/changeRequest and
 * frontend/src/hooks/api): the server that has them is Enterprise, so this is written down, not recorded.
 */
function enterprise() {
  const world = { enabled: true, requests: [] as ChangeRequest[], comment: '', ids: 0 };
  const flag = () => ({
    name: KEY,
    type: 'release',
    project: 'default',
    environments: [
      {
        name: 'production',
        enabled: world.enabled,
        strategies: [{ id: 's1', name: 'default', parameters: {}, constraints: [], variants: [], segments: [] }],
        variants: [],
      },
    ],
  });
  const nextId = (): number => {
    world.ids += 1;
    return world.ids;
  };
  const find = (id: string) => world.requests.find((one) => one.id === Number(id));
  const body = (call: ApiCall) => call.json as Record<string, unknown>;
  const answer = (call: ApiCall): Reply => {
    const { method, path } = call;
    const at = path.startsWith(PROJECT) ? path.slice(PROJECT.length) : path;
    const [, kind, id = '', part = '', last = ''] = at.split('/');
    if (method === 'GET' && at === `/features/${KEY}`) return { status: 200, body: flag() };
    if (method === 'GET' && at === '/features') {
      const environments = flag().environments.map(({ name, enabled }) => ({
        name,
        enabled,
        hasStrategies: true,
        hasEnabledStrategies: true,
      }));
      return { status: 200, body: { features: [{ name: KEY, type: 'release', tags: [], environments }] } };
    }
    if (path === '/api/admin/search/events') return { status: 200, body: { events: [], total: 0 } };
    if (path.endsWith('/tags')) return { status: 200, body: { tags: [] } };
    if (path === '/api/admin/segments') return { status: 200, body: { segments: [] } };
    if (method === 'POST' && at.startsWith('/features/')) {
      const permissions = ['SKIP_CHANGE_REQUEST'];
      return { status: 403, body: { name: 'PermissionError', message: 'You need SKIP_CHANGE_REQUEST', permissions } };
    }
    if (method === 'POST' && at === '/environments/production/change-requests') {
      let draft = world.requests.find(({ state }) => state === 'Draft');
      if (draft === undefined) {
        draft = { id: nextId(), title: null, environment: 'production', state: 'Draft', features: [], comments: [] };
        world.requests.push(draft);
      }
      const { feature, action, payload } = body(call);
      let own = draft.features.find(({ name }) => name === feature);
      if (own === undefined) {
        own = { name: String(feature), changes: [] };
        draft.features.push(own);
      }
      own.changes.push({ id: nextId(), action: String(action), payload });
      return { status: 200, body: draft };
    }
    if (kind !== 'change-requests') return { status: 404, body: { name: 'NotFoundError', message: 'no such path' } };
    if (method === 'GET' && id === 'pending') {
      const open = ['Draft', 'In review', 'Approved', 'Scheduled'];
      return {
        status: 200,
        body: world.requests.filter(
          ({ state, features }) => open.includes(state) && features.some(({ name }) => name === part),
        ),
      };
    }
    const found = find(id);
    if (found === undefined) return { status: 404, body: { name: 'NotFoundError', message: 'no change request' } };
    if (method === 'GET') return { status: 200, body: found };
    if (method === 'DELETE' && part === 'changes') {
      for (const feature of found.features) feature.changes = feature.changes.filter((one) => one.id !== Number(last));
      found.features = found.features.filter(({ changes }) => changes.length > 0);
      return { status: 200 };
    }
    if (method === 'PUT' && part === 'title') {
      found.title = String(body(call).title);
      return { status: 200 };
    }
    if (method === 'PUT' && part === 'state') {
      const state = String(body(call).state);
      if (state === 'Applied' && found.state !== 'Approved') {
        return { status: 400, body: { name: 'BadDataError', message: 'it is not approved' } };
      }
      if (state === 'Applied') world.enabled = false;
      found.state = state;
      world.comment = String(body(call).comment ?? '');
      return { status: 200, body: found };
    }
    return { status: 404, body: { name: 'NotFoundError', message: 'no such path' } };
  };
  return { world, answer };
}

let server: ApiServer;
let provider: FlagProvider;
let world: ReturnType<typeof enterprise>['world'];
let answer: ReturnType<typeof enterprise>['answer'];

beforeEach(async () => {
  const made = enterprise();
  world = made.world;
  answer = made.answer;
  server = await startApiServer(made.answer);
  provider = connectUnleash({ url: server.url, token: '*:*.secret' });
});
afterEach(async () => {
  provider.dispose();
  await server.stop();
});

async function ask(description = TITLE) {
  const flag = await provider.readFlag(KEY, 'production', never);
  const { write } = provider.planKill(flag);
  const request = { key: KEY, environment: 'production', expectRevision: flag.state.revision, write, comment: 'INC-7' };
  const asked = await provider.requestApproval!({ ...request, description }, never);
  return { flag, asked, follow: () => provider.followApproval!(asked.id, 'production', never) };
}

describe('B2: change requests of Unleash Enterprise', () => {
  it('are made for the switch, named and sent for review, and followed until they are applied', async () => {
    const { asked, follow } = await ask();
    expect(world.requests).toEqual([
      {
        id: 1,
        title: TITLE,
        environment: 'production',
        state: 'In review',
        features: [{ name: KEY, changes: [{ id: 2, action: 'updateEnabled', payload: { enabled: false } }] }],
        comments: [],
      },
    ]);
    expect(world.comment).toBe('INC-7');
    expect(asked).toEqual({ id: '1', url: `${server.url}/projects/default/change-requests/1` });
    expect(await follow()).toEqual({ status: 'waiting', detail: null });
    world.requests[0]!.state = 'Approved';
    expect(await follow()).toEqual({ status: 'approved', detail: null });
    await provider.applyApproval!(asked.id, 'production', never);
    expect(await follow()).toEqual({ status: 'applied', detail: null });
    expect((await provider.readFlag(KEY, 'production', never)).state.killed).toBe(true);
  });

  it.each([
    ['Rejected', 'refused', 'rejected in Unleash'],
    ['Cancelled', 'refused', 'cancelled in Unleash'],
    ['Scheduled', 'waiting', 'scheduled in Unleash'],
  ])('%s is %s', async (state, status, detail) => {
    const { follow } = await ask();
    world.requests[0]!.state = state;
    expect(await follow()).toEqual({ status, detail });
  });

  it('say with which words they were rejected, and that they were deleted; another state is an error', async () => {
    const { follow } = await ask();
    world.requests[0]!.comments.push({ text: 'not during the sale' });
    world.requests[0]!.state = 'Rejected';
    expect(await follow()).toEqual({ status: 'refused', detail: 'not during the sale' });
    world.requests[0]!.state = 'Withdrawn';
    await expect(follow()).rejects.toMatchObject({ code: 'provider' });
    world.requests.length = 0;
    expect(await follow()).toEqual({ status: 'refused', detail: 'the change request was deleted in Unleash' });
  });

  it.each(['POST', 'PUT'])('are made once, though the answer to a %s was lost', async (method) => {
    let lost = false;
    server.intercept = (call) => {
      if (lost || call.method !== method) return undefined;
      lost = true;
      answer(call);
      return { status: 503 };
    };
    await expect(ask()).rejects.toMatchObject({ code: 'provider' });
    await ask();
    await ask();
    expect(world.requests).toHaveLength(1);
    expect(world.requests[0]).toMatchObject({ title: TITLE, state: 'In review' });
  });

  it("leave a draft alone that holds somebody's other changes, and take back what was added to it", async () => {
    const others = [{ name: 'other', changes: [{ id: 90, action: 'updateEnabled', payload: { enabled: true } }] }];
    world.requests.push({
      id: 9,
      title: null,
      environment: 'production',
      state: 'Draft',
      features: structuredClone(others),
      comments: [],
    });
    await expect(ask()).rejects.toMatchObject({ code: 'refused', action: expect.stringContaining('change request 9') });
    expect(world.requests).toEqual([expect.objectContaining({ id: 9, state: 'Draft', title: null, features: others })]);
  });

  it('are not there in the open-source build: told as not found', async () => {
    server.intercept = (call) =>
      call.path.includes('change-requests') ? { status: 404, body: { message: 'no such path' } } : undefined;
    await expect(ask()).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('B2: a kill where Unleash demands a change request', () => {
  let folder: TempFolder;
  beforeEach(() => {
    folder = tempFolder('unleash-requests');
  });
  afterEach(() => folder.remove());

  it('is asked for there, applied once it is approved, and served', async () => {
    const open = () =>
      openPipeline({
        folder: folder.at('data'),
        provider: connectUnleash({ url: server.url, token: '*:*.secret' }),
        config: {
          connections: [{ id: 'local', kind: 'unleash', url: server.url, environments: { production: 'production' } }],
        },
      });
    const first = await open();
    const kill = await first.proposeKill(KEY);
    await expect(first.changes.execute(kill.hash, never, null)).rejects.toMatchObject({ code: 'approval-required' });
    await waitFor(
      'the change request',
      () => first.changes.progress(kill.hash)?.problem?.includes('/change-requests/1') === true,
    );
    first.close();
    world.requests[0]!.state = 'Approved';
    const second = await open();
    await second.changes.reconcile(never);
    await waitFor('served', () => second.changes.progress(kill.hash)?.stage === 'served');
    expect(world.enabled).toBe(false);
    expect(world.requests).toHaveLength(1);
    second.close();
  });
});
