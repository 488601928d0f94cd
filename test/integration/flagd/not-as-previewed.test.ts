import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../electron/platform/files.ts';
import { never, providerOf, temporaryFolder } from './fixture.ts';

let folder = '';
let remove: () => Promise<void> = async () => {};
beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterEach(() => remove());

const ALIASED = `flags:
  first:
    state: ENABLED
    variants: &both { on: true, off: false }
    defaultVariant: "on"
  second:
    state: ENABLED
    variants: *both
    defaultVariant: "on"
`;

it('B2: a YAML alias whose far end changed is a conflict: off no longer means what the preview showed', async () => {
  const file = join(folder, 'flags.yaml');
  await writeFile(file, ALIASED);
  const provider = providerOf(file);
  const flag = await provider.readFlag('second', 'production', never);
  const { write } = provider.planKill(flag);
  const swapped = ALIASED.replace('on: true, off: false', 'on: false, off: true');
  await writeFile(file, swapped);
  const request = { key: 'second', environment: 'production', expectRevision: flag.state.revision, write, comment: '' };
  await expect(provider.apply(request, never)).rejects.toMatchObject({ code: 'conflict' });
  expect(await readFile(file, 'utf8')).toBe(swapped);
});

it('B2, B7: a flag with an alias is killed, and put back byte for byte', async () => {
  const file = join(folder, 'flags.yaml');
  await writeFile(file, ALIASED);
  const provider = providerOf(file);
  const before = await provider.readFlag('second', 'production', never);
  const write = async (revision: string, { write }: { write: ReturnType<typeof provider.planKill>['write'] }) =>
    provider.apply({ key: 'second', environment: 'production', expectRevision: revision, write, comment: '' }, never);
  await write(before.state.revision, provider.planKill(before));
  const after = await provider.readFlag('second', 'production', never);
  expect(after.state).toMatchObject({ killed: true, serves: 'off' });
  await write(after.state.revision, provider.planRestore(after, before));
  expect(await readFile(file, 'utf8')).toBe(ALIASED);
  expect((await provider.readFlag('second', 'production', never)).state.revision).toBe(before.state.revision);
});

it('B14: a write that was given up on does not land later', async () => {
  const file = join(folder, 'flags.json');
  const text = JSON.stringify({
    flags: { a: { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' } },
  });
  await writeFile(file, text);
  const given = new AbortController();
  const provider = providerOf(file, {
    // A disk that hangs until whoever asked has given up.
    writeFile: (path, bytes, { beforeReplace }) =>
      writeFileAtomic(path, bytes, {
        beforeReplace: () => {
          given.abort(new Error('given up'));
          return beforeReplace();
        },
      }),
  });
  const flag = await provider.readFlag('a', 'production', never);
  const { write } = provider.planKill(flag);
  const request = { key: 'a', environment: 'production', expectRevision: flag.state.revision, write, comment: '' };
  await expect(provider.apply(request, given.signal)).rejects.toThrow();
  expect(await readFile(file, 'utf8')).toBe(text);
});
