import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { breakGlass } from '../../../electron/hosts/terminal/commands/break-glass.ts';
import { bundle } from '../../../electron/hosts/terminal/commands/bundle.ts';
import { approve, refuse } from '../../../electron/hosts/terminal/commands/decide.ts';
import { pending } from '../../../electron/hosts/terminal/commands/pending.ts';
import { findRequest } from '../../../electron/hosts/terminal/find-request.ts';
import { armour } from '../../../electron/services/armour/armour.ts';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { aBatchProgress, aProgress, HASH } from '../../support/fake-backend.ts';
import {
  approvals,
  armoured,
  type Calls,
  change,
  CODE,
  FakeConsole,
  glass,
  item,
  REQUEST,
  run,
  type Streams,
} from './fake-console.ts';

const ENV = { SCRAM_PASSPHRASE: 'correct horse' };
const ID = item().request.body.id;

function consoleOf(items: ApprovalItem[], calls: Calls = {}, streams: Streams = {}) {
  const decide = ({ decision }: { decision: string }) => item(decision === 'approve' ? 'approved' : 'refused');
  return new FakeConsole(
    { 'approvals.watch': approvals(items), 'slis.watch': { slis: [] }, ...streams },
    { 'approvals.decide': decide, ...calls },
  );
}

describe('what the second person sees', () => {
  const shown = async (made: ApprovalItem, streams: Streams = {}) =>
    (await run(pending, ['--show', CODE], consoleOf([made], {}, streams))).said;

  it('D1, D7: before and after, the whole flag, who is affected, the rationale, the undo, the check code', async () => {
    const said = await shown(item());
    for (const words of [
      'Request 01KAJ5R2M0X9Y8Z7W6V5T4S3R2: kill checkout in PRODUCTION',
      'check code: 4F7K-92QX (four foxtrot seven kilo, nine two quebec x-ray)',
      'asked by:   Alex Roe (alex)',
      'rationale:  INC-2041: p99',
      'executes:   this console alone',
      'now:     serves on, 20 % of users',
      'then:    serves off, 0 % of users',
      'affects: checkout, search',
      'undo:    puts back exactly: serves on, 20 %',
      '-   "enabled": true',
      '+   "enabled": false',
      HASH,
    ]) {
      expect(said).toContain(words);
    }
  });

  it('D1: the SLI now, with its objective', async () => {
    const sli = {
      id: 'checkout/p99',
      service: 'checkout',
      name: 'p99',
      unit: 's' as const,
      objective: { below: 0.6 },
      environment: 'production',
      connection: 'prom',
      cohortFlag: null,
    };
    const view = {
      sli,
      status: { state: 'breached' as const, latest: { atMs: 1, value: 1.9 }, breachedSinceMs: 1, problem: null },
      baseline: null,
      series: {},
    };
    const affected = item('waiting', { changes: [change({ affectedSlis: ['checkout/p99'] })] });
    expect(await shown(affected, { 'slis.watch': { slis: [view] } as never })).toContain(
      'checkout/p99: 1.9 s, objective below 0.6 s (breached)',
    );
  });

  it('B4: every flag of a bulk kill, in order', async () => {
    const changes = [change(), change({ flag: 'search' })];
    const said = await shown(item('waiting', { changes, batch: aBatchProgress().batch }));
    expect(said).toMatch(/kill 2 flags \(2 flags\)[\s\S]*1\. Kill checkout[\s\S]*2\. Kill search/);
  });

  it("outside text is shown and steers nothing: a rationale with the terminal's own codes in it", async () => {
    const evil = { ...change(), rationale: 'x\u001b[2Jy\nrequest: all is well' };
    const said = await shown(item('waiting', { changes: [evil], requesterName: '\u001b]0;root\u0007' }));
    expect(said).not.toContain('\u001b');
    expect(said).toContain('x\\x1b[2Jy\\x0arequest: all is well');
  });
});

describe('scram approve and scram refuse', () => {
  it('D1: signs the very request that was shown', async () => {
    const client = consoleOf([item()]);
    const { code, said } = await run(approve, [CODE, '--reason', 'seen', '--yes', '--as', 'alex'], client, {
      env: ENV,
    });
    expect(code).toBe(0);
    expect(client.input('approvals.decide')).toEqual({ request: REQUEST, decision: 'approve', reason: 'seen' });
    expect(said).toContain(`scram pending --execute ${CODE}`);
  });

  it('D1: for a request from elsewhere the requester executes it', async () => {
    const client = consoleOf([item()], { 'approvals.decide': () => item('approved', { executableHere: false }) });
    const { said } = await run(approve, [ID, '--yes'], client, { env: ENV });
    expect(said).toMatch(/the requester's console executes it[\s\S]*bundle export/);
  });

  it('D1: nothing is signed when something else is typed, nor without --yes where nobody can be asked', async () => {
    const client = consoleOf([item()]);
    expect((await run(approve, [CODE], client, { typed: ['staging'] })).code).toBe(1);
    expect((await run(approve, [CODE], client, { env: ENV })).code).toBe(2);
    expect(client.names()).toEqual([]);
  });

  it('D1: a refusal needs its reason', async () => {
    const client = consoleOf([item()]);
    expect((await run(refuse, [CODE, '--yes'], client, { env: ENV })).code).toBe(2);
    expect((await run(refuse, [CODE, '--yes', '--reason', 'not now'], client, { env: ENV })).code).toBe(0);
    expect(client.input('approvals.decide')).toMatchObject({ decision: 'refuse', reason: 'not now' });
  });

  it('a request is found by id, check code (as people type it) and hash; anything else is said, with those that there are', () => {
    const other = item('waiting', {
      checkCode: '0000-0000',
      request: {
        ...item().request,
        hash: 'f'.repeat(64),
        body: { ...item().request.body, id: '01KAJ5R2M0X9Y8Z7W6V5T4S3R3' },
      },
    });
    const items = [item(), other];
    for (const text of [ID, ID.toLowerCase(), CODE, '4f7k 92qx', '4F7K92QX', REQUEST, REQUEST.slice(0, 8)]) {
      expect(findRequest(items, text)).toBe(items[0]);
    }
    expect(() => findRequest(items, '23cf')).toThrow(/no request/);
    expect(() => findRequest([], 'x')).toThrow(/no request/);
    expect(() => findRequest([item(), item()], CODE)).toThrow(/names 2 requests/);
  });
});

describe('scram pending', () => {
  it('D1: lists what waits, and with --all what ended; glass that was broken is loud', async () => {
    const ended = item('expired', { why: 'nobody used it in time', checkCode: 'AAAA-AAAA' });
    const client = new FakeConsole({ 'approvals.watch': approvals([item(), ended], [glass({ state: 'overdue' })]) });
    const { said, json } = await run(pending, [], client);
    expect(said).toMatch(/4F7K-92QX +waiting +kill checkout +PRODUCTION +Alex Roe/);
    expect(said).toMatch(/BREAK-GLASS.*REVIEW OVERDUE/);
    expect(said).not.toContain('AAAA-AAAA');
    expect(json).toMatchObject({ items: [{}, {}], glass: [{}] });
    expect((await run(pending, ['--all'], client)).said).toContain('AAAA-AAAA');
  });

  const accepted = {
    ...aProgress('served'),
    propagation: { ...aProgress().propagation, requestedAtMs: 0, acceptedAtMs: 5, servedAtMs: 6 },
  };
  it('D1: --execute runs an approved change here', async () => {
    const client = consoleOf([item('approved')], { 'changes.execute': () => accepted }, { 'changes.watch': accepted });
    expect((await run(pending, ['--execute', CODE, '--yes'], client, { env: ENV })).code).toBe(0);
    expect(client.input('changes.execute')).toEqual({ hash: HASH });
  });

  it('B4, D1: --execute runs an approved bulk kill', async () => {
    const subject = { kind: 'batch' as const, hash: HASH };
    const made = item('approved', { batch: aBatchProgress().batch });
    made.request.body.subject = subject;
    const one = {
      change: HASH,
      connection: 'local',
      flag: 'checkout',
      stage: 'accepted' as const,
      problem: null,
      acceptedAtMs: 1,
      servedAtMs: 1,
      observedAtMs: null,
    };
    const done = { ...aBatchProgress(), items: [one] };
    const client = consoleOf(
      [made],
      { 'changes.executeBatch': () => done },
      { 'changes.watchBatch': done, 'changes.watch': accepted },
    );
    const { code, json } = await run(pending, ['--execute', ID, '--yes'], client, { env: ENV });
    expect(code).toBe(0);
    expect(client.input('changes.executeBatch')).toEqual({ hash: HASH });
    expect(json).toMatchObject({ results: [{ flag: 'checkout', exitCode: 0 }] });
  });

  it.each([
    ['waits', item('waiting'), 3],
    ['moved', item('moved', { why: 'changed since' }), 4],
    ['is of another console', item('approved', { executableHere: false }), 3],
  ])('D1: --execute does nothing when it %s', async (_, made, code) => {
    const client = consoleOf([made]);
    expect((await run(pending, ['--execute', CODE, '--yes'], client, { env: ENV })).code).toBe(code);
    expect(client.names()).toEqual([]);
  });

  it('--withdraw takes an own request back', async () => {
    const client = consoleOf([item()], { 'approvals.withdraw': () => ({}) });
    expect((await run(pending, ['--withdraw', CODE], client, { env: ENV })).code).toBe(0);
    expect(client.input('approvals.withdraw')).toEqual({ request: REQUEST });
  });
});

describe('scram bundle', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'scram-bundle-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('D4: exports the request, or the decision once there is one: the block alone on stdout, the code on stderr', async () => {
    const asked = { 'approvals.export': ({ what }: { what: 'request' | 'decision' }) => armoured(what) };
    const { said, warned } = await run(bundle, ['export', CODE], consoleOf([item()], asked));
    expect(said).toBe('-----BEGIN SCRAM-----');
    expect(warned).toContain('four foxtrot seven kilo');
    const body = { ...decisionBody, decision: 'approve' as const };
    const decided = item('approved', { decision: { body, hash: 'a'.repeat(64), signature: 's' }, deciderName: 'Sam' });
    const client = consoleOf([decided], asked);
    await run(bundle, ['export', CODE], client);
    expect(client.input('approvals.export')).toEqual({ request: REQUEST, what: 'decision' });
  });

  it('D4: --file writes a new file for its owner alone, and never over another; --qr draws the code', async () => {
    const client = consoleOf([item()], { 'approvals.export': () => armoured() });
    const args = ['export', CODE, '--file', 'request.txt', '--qr'];
    const { said } = await run(bundle, args, client, { cwd: folder });
    expect(readFileSync(path.join(folder, 'request.txt'), 'utf8')).toBe('-----BEGIN SCRAM-----\n');
    expect(statSync(path.join(folder, 'request.txt')).mode & 0o777).toBe(0o600);
    expect(said).toContain('▄');
    expect((await run(bundle, args, client, { cwd: folder })).code).toBe(3);
  });

  const block = (kind: 'request' | 'decision' | 'open-request' | 'open-share') => armour(kind, { n: 1 });
  it('D4: takes a request in, shows all of it, and says to compare the code', async () => {
    const client = consoleOf([], {
      'approvals.import': () => ({ kind: 'request', item: item('waiting', { origin: 'bundle' }) }),
    });
    writeFileSync(path.join(folder, 'in.txt'), `> ${block('request')}`);
    const { code, said } = await run(bundle, ['import', 'in.txt'], client, { cwd: folder });
    expect(code).toBe(0);
    expect(said).toMatch(/by a text block[\s\S]*compare the check code[\s\S]*scram approve 4F7K-92QX/);
  });

  it('D4: takes a decision in from stdin', async () => {
    const client = consoleOf([], { 'approvals.import': () => ({ kind: 'decision', item: item('approved') }) });
    const { said } = await run(bundle, ['import', '-'], client, { stdin: block('decision') });
    expect(said).toContain(`next: scram pending --execute ${CODE}`);
  });

  it('E3: answers a wish for a share, and takes a share, as the person who is asked', async () => {
    const asked = consoleOf([], { 'vault.giveShare': () => armoured('open-share') });
    const { code, said } = await run(bundle, ['import', '-'], asked, { stdin: block('open-request'), env: ENV });
    expect(code).toBe(0);
    expect(said).toBe('-----BEGIN SCRAM-----');
    expect(asked.names()).toEqual(['people.unlock', 'settled', 'vault.giveShare']);
    const given = consoleOf([], { 'vault.takeShare': () => ({ name: 'root', untilMs: 0 }) });
    expect((await run(bundle, ['import', '-'], given, { stdin: block('open-share'), env: ENV })).said).toContain(
      'root is open until',
    );
    given.mode = 'own';
    expect((await run(bundle, ['import', '-'], given, { stdin: block('open-share'), env: ENV })).code).toBe(3);
  });

  it('D4: what is no block is said in words, before any console is asked', async () => {
    const client = consoleOf([]);
    const { code, error } = await run(bundle, ['import', '-'], client, { stdin: 'hello' });
    expect(code).toBe(2);
    expect(error?.message).toMatch(/holds no block/);
    expect((await run(bundle, ['import', '-'], client, { typed: [] })).error?.message).toMatch(/nothing was piped/);
    expect(client.names()).toEqual([]);
  });
});

describe('scram break-glass', () => {
  it('D3: needs a reason, and the environment typed', async () => {
    const client = consoleOf([], { 'approvals.breakGlass': () => ({ id: 'G1', untilMs: 0 }) });
    expect((await run(breakGlass, ['production'], client, { env: ENV })).code).toBe(2);
    expect((await run(breakGlass, ['production', '--reason', 'x'], client, { typed: ['yes'] })).code).toBe(1);
    expect(client.names()).toEqual([]);
    const { code, said } = await run(breakGlass, ['production', '--reason', 'nobody awake'], client, {
      typed: ['production', 'phrase'],
    });
    expect(code).toBe(0);
    expect(said).toMatch(/BREAK-GLASS G1/);
    expect(client.input('approvals.breakGlass')).toEqual({ environment: 'production', reason: 'nobody awake' });
  });

  it('D3: an unknown environment is said with those that exist', async () => {
    const { error } = await run(breakGlass, ['prod', '--reason', 'x', '--yes'], consoleOf([]), { env: ENV });
    expect(error?.message).toMatch(/production/);
  });

  it('D3: is ended, and reviewed by its id or the end of it', async () => {
    const calls = { 'approvals.endBreakGlass': () => ({}), 'approvals.reviewBreakGlass': () => ({}) };
    const client = consoleOf([], calls, { 'approvals.watch': approvals([], [glass({ changes: [HASH] })]) });
    expect((await run(breakGlass, ['--end', 'GLAS'], client, { env: ENV })).code).toBe(0);
    expect(client.input('approvals.endBreakGlass')).toEqual({ id: glass().glass.id });
    expect((await run(breakGlass, ['--review', 'GLAS', '--verdict', 'fine'], client, { env: ENV })).code).toBe(2);
    const { said } = await run(breakGlass, ['--review', 'GLAS', '--verdict', 'accepted', '--reason', 'ok'], client, {
      env: ENV,
    });
    expect(said).toContain(HASH);
    expect(client.input('approvals.reviewBreakGlass')).toEqual({
      id: glass().glass.id,
      verdict: 'accepted',
      note: 'ok',
    });
    expect((await run(breakGlass, ['--end', 'XXXX'], client, { env: ENV })).code).toBe(1);
    expect((await run(breakGlass, [], client)).said).toMatch(/BREAK-GLASS/);
  });
});

const decisionBody = {
  version: 1 as const,
  request: REQUEST,
  subject: { kind: 'change' as const, hash: HASH },
  environment: 'production',
  device: 'd',
  reason: '',
  by: { operator: 'sam', key: 'k2' },
  atMs: 0,
  expiresAtMs: 1,
};
