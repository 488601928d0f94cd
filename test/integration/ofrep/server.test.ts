import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OfrepServer, startOfrepServer } from '../../support/ofrep-server.ts';
import { temporaryFolder } from '../flagd/fixture.ts';

const BULK = '/ofrep/v1/evaluate/flags';
let server: OfrepServer;
let file: string;
let remove: () => Promise<void>;

const flags = (defaultVariant: string) => ({
  enable_plain: { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant },
  enable_disabled: { state: 'DISABLED', variants: { on: true, off: false }, defaultVariant: 'on' },
});
const save = (content: object | string) =>
  writeFile(file, typeof content === 'string' ? content : JSON.stringify({ flags: content }));

beforeEach(async () => {
  const { folder, remove: removeFolder } = await temporaryFolder();
  remove = removeFolder;
  file = path.join(folder, 'flags.json');
  await save(flags('on'));
  server = await startOfrepServer({ file, region: 'us-east', token: 'secret' });
});
afterEach(async () => {
  await server.stop();
  await remove();
});

async function ask(address: string, init: RequestInit = {}) {
  const response = await fetch(`${server.url}${address}`, {
    method: 'POST',
    body: JSON.stringify({ context: { targetingKey: 'user-1' } }),
    ...init,
    headers: { 'content-type': 'application/json', authorization: 'Bearer secret', ...init.headers },
  });
  const text = await response.text();
  return { status: response.status, etag: response.headers.get('etag'), body: text === '' ? null : JSON.parse(text) };
}

describe('the OFREP server of the tests is as strict as the protocol’s openapi.yaml', () => {
  it('evaluates all flags but the disabled ones, with an entity tag that answers 304', async () => {
    const first = await ask(BULK);
    expect(first).toMatchObject({
      status: 200,
      body: { flags: [{ key: 'enable_plain', value: true, variant: 'on', reason: 'STATIC', metadata: {} }] },
    });
    const again = { headers: { 'if-none-match': `"other", ${first.etag}` } };
    expect(await ask(BULK, again)).toEqual({ status: 304, etag: first.etag, body: null });
    await save(flags('off'));
    await server.refreshed();
    expect((await ask(BULK, again)).body.flags[0]).toMatchObject({ variant: 'off', value: false });
    expect(server.region).toBe('us-east');
  });

  it('keeps serving the last good file', async () => {
    await save('{ "flags": ');
    await save('{ "flags": 7 }');
    expect((await ask(`${BULK}/enable_plain`)).body).toMatchObject({ variant: 'on' });
  });

  it.each([
    ['a flag that is not there', `${BULK}/nothing`, {}, 404, { key: 'nothing', errorCode: 'FLAG_NOT_FOUND' }],
    ['a disabled flag', `${BULK}/enable_disabled`, {}, 404, { errorCode: 'FLAG_NOT_FOUND' }],
    ['no context', BULK, { body: '{}' }, 400, { errorCode: 'INVALID_CONTEXT' }],
    ['no targetingKey', BULK, { body: '{"context":{}}' }, 400, { errorCode: 'TARGETING_KEY_MISSING' }],
    ['no JSON', BULK, { body: 'x' }, 400, { errorCode: 'PARSE_ERROR' }],
    ['another content type', BULK, { headers: { 'content-type': 'text/plain' } }, 400, { errorCode: 'PARSE_ERROR' }],
    ['no credential', BULK, { headers: { authorization: '' } }, 401, null],
    ['another method', BULK, { method: 'GET', body: null }, 405, null],
    ['another path', '/ofrep/v1/evaluate', {}, 404, null],
  ])('refuses %s', async (_, address, init, status, body) => {
    const answer = await ask(address, init as RequestInit);
    expect(answer.status).toBe(status);
    if (body === null) expect(answer.body).toBeNull();
    else expect(answer.body).toMatchObject(body);
  });
});
