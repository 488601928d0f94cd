import { afterEach, expect, it } from 'vitest';
import { type GitServerOptions, serveGit } from '../../support/git.ts';
import { never } from './fixture.ts';
import { connect, ends, failure, FILE, kill, read, remoteWith, tearDown, TEXT } from './world.ts';

afterEach(tearDown);

const KILLED = /"enable_rollout": \{[^}]*"state": "ENABLED"/;

it('D7: a change is one commit on top of the branch: the reason, the flag, the author; nothing else moves', async () => {
  const remote = await remoteWith({ 'bin/run.sh': 'echo\n', 'flags/staging.json': TEXT });
  await remote.git('update-ref', 'refs/heads/other', 'main');
  const before = await remote.git('ls-tree', '-r', 'main');
  const parent = (await remote.git('rev-parse', 'main')).trim();
  const { provider } = await connect(remote.path, { author: { name: 'Scram Payments', email: 'scram@example.com' } });
  await kill(provider);
  const [author, subject, ...body] = (await remote.git('log', '-1', '--format=%an <%ae> %P%n%B', 'main')).split('\n');
  expect(author).toBe(`Scram Payments <scram@example.com> ${parent}`);
  expect(subject).toBe('scram: enable_rollout in production');
  expect(body.join('\n').trim()).toBe(
    'p99 tripled (scram change 0123456789ab)\n\nScram-Flag: enable_rollout\nScram-Environment: production\nScram-Change: 0123456789ab',
  );
  expect((await remote.git('log', '-1', '--format=%(trailers:key=Scram-Flag,valueonly)', 'main')).trim()).toBe(
    'enable_rollout',
  );
  const changed = (await remote.git('diff', '--name-only', parent, 'main')).trim();
  expect(changed).toBe(FILE);
  const after = await remote.git('ls-tree', '-r', 'main');
  expect(after.split('\n').filter((line) => !line.endsWith(FILE))).toEqual(
    before.split('\n').filter((line) => !line.endsWith(FILE)),
  );
  expect((await remote.git('rev-parse', 'other')).trim()).toBe(parent);
  expect(await remote.git('fsck', '--strict')).toBe('');
});

it.each([
  ['another flag of the same file', { [FILE]: TEXT.replace('"defaultVariant":"on"', '"defaultVariant":"off"') }],
  ['another file', { 'README.md': 'changed\n', 'src/new.ts': '' }],
])('B2: %s was pushed in between: both changes stay', async (_, files) => {
  const remote = await remoteWith();
  // Pushed in the moment in which our push asks where the branch is.
  const options: GitServerOptions = {};
  const server = await serveGit(remote, options);
  ends.push(() => server.stop());
  const { provider } = await connect(server.url);
  let raced = 0;
  options.answer = async (request) => {
    if (request.method !== 'POST' || !request.url?.endsWith('git-receive-pack') || raced > 0) return false;
    raced += 1;
    await remote.push(files, 'Somebody else');
    return false;
  };
  await kill(provider);
  expect(raced).toBe(1);
  expect((await remote.git('log', '--format=%s', 'main')).trim().split('\n')).toEqual([
    'scram: enable_rollout in production',
    'Somebody else',
    'Begin',
  ]);
  for (const [name, text] of Object.entries(files)) {
    if (name !== FILE) expect((await remote.file(name)).toString('latin1')).toBe(text);
  }
  const { flags } = await read(provider);
  const states = Object.fromEntries(flags.map((flag) => [flag.key, flag.state]));
  expect(states.enable_rollout?.killed).toBe(true);
  expect(states.enable_plain?.killed).toBe(FILE in files);
});

it('B2: the same flag was pushed in between: a conflict, and nothing of theirs is overwritten', async () => {
  const remote = await remoteWith();
  const options: GitServerOptions = {};
  const server = await serveGit(remote, options);
  ends.push(() => server.stop());
  const { provider } = await connect(server.url);
  let raced = 0;
  options.answer = async (request) => {
    if (request.method !== 'POST' || !request.url?.endsWith('git-receive-pack') || raced > 0) return false;
    raced += 1;
    await remote.push({ [FILE]: TEXT.replace('["on", 20], ["off", 80]', '["on", 50], ["off", 50]') }, 'Fifty');
    return false;
  };
  expect((await failure(() => kill(provider))).code).toBe('conflict');
  expect((await remote.git('log', '-1', '--format=%s', 'main')).trim()).toBe('Fifty');
});

it('B2: a branch that moves with every try is given up, and nothing is written', async () => {
  const remote = await remoteWith();
  const options: GitServerOptions = {};
  const server = await serveGit(remote, options);
  ends.push(() => server.stop());
  const { provider } = await connect(server.url);
  let raced = 0;
  options.answer = async (request) => {
    if (request.method !== 'POST' || !request.url?.endsWith('git-receive-pack')) return false;
    raced += 1;
    await remote.push({ 'README.md': `${raced}\n` }, `Race ${raced}`);
    return false;
  };
  expect((await failure(() => kill(provider))).code).toBe('conflict');
  expect(raced).toBeLessThan(30);
  expect((await remote.file(FILE)).toString('latin1')).toBe(TEXT);
});

it('a branch that was written anew (a forced push) is read as it is now', async () => {
  const remote = await remoteWith();
  const { provider } = await connect(remote.path);
  await read(provider);
  const first = (await remote.git('rev-parse', 'main')).trim();
  await remote.push({ 'README.md': 'x\n' });
  await read(provider);
  await remote.git('update-ref', 'refs/heads/main', first);
  await remote.push({ [FILE]: TEXT.replace('"defaultVariant":"on"', '"defaultVariant":"off"') });
  const { flags } = await read(provider);
  expect(flags.find((flag) => flag.key === 'enable_plain')?.state.killed).toBe(true);
  await kill(provider);
  expect((await remote.file(FILE)).toString()).toMatch(KILLED);
});

it.each([
  ['GH006: Protected branch update failed for refs/heads/main.', 'approval-required', 'protected'],
  ['GitLab: You are not allowed to push code to protected branches on this project.', 'approval-required', 'protected'],
  ['Changes must be made through a pull request.', 'approval-required', 'pull request'],
  ['Commits need a ticket, such as PAY-12', 'refused', 'PAY-12'],
])('D1: the server refuses the push: its own words are shown: %s', async (words, code, told) => {
  const remote = await remoteWith();
  await remote.hook('pre-receive', `echo "error: ${words}" >&2; exit 1`);
  const { provider } = await connect(remote.path);
  const error = await failure(() => kill(provider));
  expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
  expect(`${error.message} ${error.action}`).toContain(told);
  expect((await remote.file(FILE)).toString('latin1')).toBe(TEXT);
  // What was refused is not taken for what is there.
  expect((await provider.readFlag('enable_rollout', 'production', never)).state.killed).toBe(false);
});

it('E6: a push whose answer is lost says that it is not known, and reading tells', async () => {
  const remote = await remoteWith();
  const server = await serveGit(remote, { cutAnswerOfPush: true });
  ends.push(() => server.stop());
  const { provider } = await connect(server.url);
  const error = await failure(() => kill(provider));
  expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('cut') });
  expect((await provider.readFlag('enable_rollout', 'production', never)).state.killed).toBe(true);
  expect((await remote.git('log', '--format=%s', 'main')).trim().split('\n')).toHaveLength(2);
});

it('nothing is pushed for whoever has given up', async () => {
  const remote = await remoteWith();
  const { provider } = await connect(remote.path);
  const flag = await provider.readFlag('enable_rollout', 'production', never);
  const { write } = provider.planKill(flag);
  const stop = new AbortController();
  const request = { key: flag.key, environment: 'production', expectRevision: flag.state.revision, write, comment: '' };
  const done = failure(() => provider.apply(request, stop.signal));
  stop.abort();
  expect((await done).code).toBe('cancelled');
  expect((await remote.file(FILE)).toString('latin1')).toBe(TEXT);
});

it('B3: two environments are two files of one repository; at the same time each gets its own commit', async () => {
  const files = { production: FILE, staging: 'flags/staging.json' };
  const remote = await remoteWith({ [files.staging]: TEXT });
  const { provider } = await connect(remote.path, { files });
  const kills = await Promise.all(
    Object.keys(files).map(async (environment) => {
      const flag = await provider.readFlag('enable_plain', environment, never);
      const { write } = provider.planKill(flag);
      return { key: flag.key, environment, expectRevision: flag.state.revision, write, comment: 'both' };
    }),
  );
  await provider.apply(kills[1]!, never);
  expect((await provider.readFlag('enable_plain', 'production', never)).state.killed).toBe(false);
  expect((await provider.readFlag('enable_plain', 'staging', never)).state.killed).toBe(true);
  const others = await Promise.all(
    Object.keys(files).map((environment) => provider.readFlag('enable_rollout', environment, never)),
  );
  await Promise.all(
    others.map((flag) =>
      provider.apply(
        {
          key: flag.key,
          environment: flag.environment,
          expectRevision: flag.state.revision,
          write: provider.planKill(flag).write,
          comment: 'both',
        },
        never,
      ),
    ),
  );
  expect((await remote.git('log', '--format=%s', 'main')).trim().split('\n').sort()).toEqual([
    'Begin',
    'scram: enable_plain in staging',
    'scram: enable_rollout in production',
    'scram: enable_rollout in staging',
  ]);
});
