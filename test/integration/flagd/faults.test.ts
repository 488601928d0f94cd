import { spawnSync } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../electron/platform/files.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { never, providerOf, temporaryFolder } from './fixture.ts';
import { JSON_TEXT, YAML_TEXT } from './samples.ts';

let folder = '';
let remove: () => Promise<void> = async () => {};
beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterEach(() => remove());

const KEY = 'enable_rollout';

async function problem(run: Promise<unknown>): Promise<ScramError> {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ScramError) return error;
  throw new Error(`expected a ScramError, got ${String(error)}`);
}

async function reading(name: string, text: string | Uint8Array): Promise<ScramError> {
  const file = join(folder, name);
  await writeFile(file, text);
  return problem(providerOf(file).readEnvironment('production', never));
}

async function kill(provider: FlagProvider, key = KEY): Promise<void> {
  const flag = await provider.readFlag(key, 'production', never);
  const { write } = provider.planKill(flag);
  await provider.apply(
    { key, environment: 'production', expectRevision: flag.state.revision, write, comment: '' },
    never,
  );
}

describe('a flag file that cannot be used', () => {
  it('absent: unreachable, and says which file', async () => {
    const error = await problem(providerOf(join(folder, 'no.json')).readEnvironment('production', never));
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(error.message).toContain('no.json');
  });

  it.each(['flags.json', 'flags.yaml'])('empty %s: an error, never "no flags"', async (name) => {
    expect((await reading(name, ' \n')).message).toMatch(/the file is empty/);
  });

  it('invalid JSON names line and column', async () => {
    const error = await reading('flags.json', '{\n  "flags": {\n    "a": { "state": ENABLED }\n  }\n}');
    expect(error.code).toBe('provider');
    expect(error.message).toMatch(/flags\.json:3:21: invalid JSON/);
  });

  it.each([
    ['a comment', '{\n "flags": {} // none\n}', /:2:14: invalid JSON/],
    ['a comma too many', '{\n "flags": {},\n}', /:3:1: invalid JSON/],
    ['text behind the end', '{"flags": {}}\n{}', /:2:1: invalid JSON/],
  ])('invalid JSON: %s', async (_, text, message) => {
    expect((await reading('flags.json', text)).message).toMatch(message);
  });

  it('invalid YAML names line and column', async () => {
    expect((await reading('flags.yaml', 'flags:\n  a:\n    state: [ENABLED\n')).message).toMatch(/:4:1: invalid YAML/);
  });

  it.each([
    [
      'flags.json',
      '{"flags": {\n"a": {"state": "ON", "variants": {}}}}',
      /:2:7: flags\.a\.state: expected ENABLED or DISABLED, found "ON"/,
    ],
    [
      'flags.yaml',
      'flags:\n  a:\n    variants: {}\n    state: ON\n',
      /:4:5: flags\.a\.state: expected ENABLED or DISABLED, found "ON"/,
    ],
  ])('unknown state in %s names the field', async (name, text, message) => {
    expect((await reading(name, text)).message).toMatch(message);
  });

  it.each([
    ['no flags', '{"x": 1}', /flags: expected a map/],
    ['a list of flags', '{"flags": [{"key": "a"}]}', /flags: expected a map.*list form/],
    ['not an object', '[1]', /expected an object/],
    ['no variants', '{"flags": {"a": {"state": "ENABLED"}}}', /flags\.a\.variants: expected a map of variants/],
    [
      'a default that is no variant',
      '{"flags": {"a": {"state": "ENABLED", "variants": {"on": true},\n "defaultVariant": "of"}}}',
      /:2:2: flags\.a\.defaultVariant: expected one of the variants \(on\), found "of"/,
    ],
    [
      'rules that are a list',
      '{"flags": {"a": {"state": "ENABLED", "variants": {}, "targeting": []}}}',
      /flags\.a\.targeting: expected a rule/,
    ],
  ])('wrong schema: %s', async (_, text, message) => {
    const error = await reading('flags.json', text);
    expect(error.code).toBe('provider');
    expect(error.message).toMatch(message);
  });

  it('one bad flag refuses the whole file, as flagd does, also for reading another flag', async () => {
    const file = join(folder, 'flags.json');
    await writeFile(file, JSON_TEXT.replace('"wide" }', '"huge" }'));
    expect((await problem(providerOf(file).readFlag(KEY, 'production', never))).message).toContain('flags.layout');
  });

  it('not UTF-8: says so', async () => {
    const error = await reading('flags.json', Buffer.from('{"flags": {"\xe9": {}}}', 'latin1'));
    expect(error.message).toMatch(/not UTF-8/);
  });

  it('truncated while being written: waits for the rest', async () => {
    const file = join(folder, 'flags.json');
    await writeFile(file, JSON_TEXT.slice(0, 200));
    const pending = providerOf(file).readEnvironment('production', never);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await writeFile(file, JSON_TEXT);
    expect((await pending).flags).toHaveLength(4);
  });

  it('truncated for good: an error that names the end', async () => {
    expect((await reading('flags.json', JSON_TEXT.slice(0, JSON_TEXT.indexOf('"x-note"')))).message).toMatch(
      /invalid JSON.*the file ends here/,
    );
  });

  it('unreadable: a person must act', async () => {
    const file = join(folder, 'flags.json');
    await writeFile(file, JSON_TEXT);
    await chmod(file, 0o000);
    await chmod(folder, 0o755);
    // Root reads everything, so a child that is nobody tries.
    const script = `
      import { createFlagdProvider } from ${JSON.stringify(join(import.meta.dirname, '../../../electron/providers/flags/flagd/index.ts'))};
      if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534); }
      const provider = createFlagdProvider({ id: 'x', files: { production: ${JSON.stringify(file)} },
        hintsOf: () => ({ polarity: 'enables', safeDefault: null }), clock: { now: () => Date.now() } });
      await provider.readEnvironment('production', new AbortController().signal).then(
        () => console.log('read'), (error) => console.log(error.code + ' ' + error.message));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toMatch(/^credential .*flags\.json: no permission to read the flag file \(EACCES\)/);
  });
});

describe('writing', () => {
  it('a symbolic link stays one, and its far end is changed', async () => {
    const real = join(folder, 'real.json');
    const link = join(folder, 'flags.json');
    await writeFile(real, JSON_TEXT);
    await symlink('real.json', link);
    await kill(providerOf(link));
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).not.toContain('fractional');
  });

  it('disk full: the old file is whole, and nothing is left behind', async () => {
    const file = join(folder, 'flags.json');
    await writeFile(file, JSON_TEXT);
    const { open } = await import('node:fs/promises');
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const provider = providerOf(file, {
      writeFile: (path, bytes, options) =>
        writeFileAtomic(path, bytes, {
          ...options,
          operations: {
            rename,
            unlink,
            open: async (name, flags, mode) => {
              const handle = await open(name, flags, mode);
              if (flags !== 'r') handle.writeFile = () => Promise.reject(full);
              return handle;
            },
          },
        }),
    });
    const error = await problem(kill(provider));
    expect(error.message).toMatch(/disk is full/);
    expect(await readFile(file, 'utf8')).toBe(JSON_TEXT);
    expect(await readdir(folder)).toEqual(['flags.json']);
  });

  it.each([
    ['this flag', ['["on", 20]', '["on", 30]'], 'conflict'],
    ['another flag', ['"wide" }', '"narrow" }'], null],
  ] as const)('B2: another writer changes %s right before the rename', async (_, [from, to], code) => {
    const file = join(folder, 'flags.json');
    await writeFile(file, JSON_TEXT);
    let times = 0;
    const provider = providerOf(file, {
      writeFile: (path, bytes, { beforeReplace }) =>
        writeFileAtomic(path, bytes, {
          beforeReplace: async () => {
            times += 1;
            if (times === 1) await writeFile(file, JSON_TEXT.replace(from, to));
            await beforeReplace();
          },
        }),
    });
    const done = await kill(provider).then(
      () => null,
      (error: ScramError) => error.code,
    );
    expect(done).toBe(code);
    const text = await readFile(file, 'utf8');
    expect(text).toContain(to);
    expect(text.includes('fractional')).toBe(code === 'conflict');
  });

  it.each([
    ['JSON with a byte-order mark and CRLF', 'flags.json', `\uFEFF${JSON_TEXT.replaceAll('\n', '\r\n')}`],
    ['YAML with CRLF', 'flags.yml', YAML_TEXT.replaceAll('\n', '\r\n')],
    ['YAML with a byte-order mark', 'flags.yaml', `\uFEFF${YAML_TEXT}`],
  ])('B7: %s: a kill keeps every other byte, an undo puts back the whole', async (_, name, text) => {
    const file = join(folder, name);
    await writeFile(file, text);
    const provider = providerOf(file);
    const before = await provider.readFlag(KEY, 'production', never);
    await kill(provider);
    const killed = await readFile(file, 'utf8');
    expect(killed).not.toContain('fractional');
    const at = text.indexOf('enable_plain');
    expect(killed.endsWith(text.slice(at))).toBe(true);
    const flag = await provider.readFlag(KEY, 'production', never);
    const { write } = provider.planRestore(flag, { definition: before.definition, state: before.state });
    await provider.apply(
      { key: KEY, environment: 'production', expectRevision: flag.state.revision, write, comment: '' },
      never,
    );
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('the file became a folder: says so', async () => {
    const file = join(folder, 'flags.json');
    await mkdir(file);
    expect((await problem(providerOf(file).readEnvironment('production', never))).message).toMatch(/is a folder/);
  });
});
