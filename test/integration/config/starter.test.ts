import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { FlagdCore } from '@openfeature/flagd-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkConfigFile } from '../../../electron/services/config/config-service.ts';
import { type StarterFiles, starterFiles, writeStarter } from '../../../electron/services/config/starter.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scram-starter-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('writes a configuration that passes the check, with the schema that it points to beside it', async () => {
  const target = join(folder, 'new', 'config');
  const written = await writeStarter(target, files);
  expect(written).toEqual({ directory: target, files: Object.keys(starterFiles()) });
  expect(readdirSync(target).toSorted()).toEqual(Object.keys(starterFiles()).toSorted());

  const path = join(target, 'scram.yaml');
  const check = checkConfigFile({ path, readText: (file) => readFileSync(file, 'utf8') });
  expect(check.ok ? [] : check.problems).toEqual([]);
  const schema = /^# yaml-language-server: \$schema=(.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
  expect(JSON.parse(readFileSync(resolve(dirname(path), schema ?? ''), 'utf8'))).toHaveProperty('properties.version');

  if (!check.ok) throw new Error('not valid');
  const flagd = check.config.connections.find((connection) => connection.kind === 'flagd');
  if (flagd?.kind !== 'flagd') throw new Error('no flagd connection');
  const keys = check.config.services.flatMap((service) => service.flags.map((flag) => flag.key));
  for (const file of Object.values(flagd.files)) {
    const core = new FlagdCore();
    core.setConfigurations(JSON.stringify(parse(readFileSync(resolve(target, file), 'utf8'))));
    for (const key of keys) expect(core.getFlag(key)?.variants.size).toBe(2);
  }
});

it.each(Object.keys(starterFiles()))('refuses when %s is there, names it, and writes nothing', async (name) => {
  writeFileSync(join(folder, name), 'mine');
  await expect(writeStarter(folder, files)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining(join(folder, name)),
  });
  expect(readdirSync(folder)).toEqual([name]);
  expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
});

it('refuses a folder that is a file', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(writeStarter(join(folder, 'file'), files)).rejects.toMatchObject({ code: 'refused' });
});

it.each([0, 1, 4])('a disk that is full at file %i leaves nothing behind', async (at) => {
  const target = join(folder, 'new', 'deeper');
  let count = 0;
  const full: StarterFiles = {
    ...files,
    async writeFile(path, text, options) {
      if (count++ !== at) return files.writeFile(path, text, options);
      await files.writeFile(path, text.slice(0, 10), options);
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
  };
  await expect(writeStarter(target, full)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('ENOSPC'),
  });
  expect(readdirSync(folder)).toEqual([]);

  count = 0;
  await expect(writeStarter(folder, full)).rejects.toMatchObject({ code: 'refused' });
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves alone a file that someone else makes at the same moment', async () => {
  const racing: StarterFiles = {
    ...files,
    async writeFile(path, text, options) {
      if (path.endsWith('README.md')) writeFileSync(path, 'theirs');
      return files.writeFile(path, text, options);
    },
  };
  await expect(writeStarter(folder, racing)).rejects.toMatchObject({ code: 'refused' });
  expect(readdirSync(folder)).toEqual(['README.md']);
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('theirs');
});
