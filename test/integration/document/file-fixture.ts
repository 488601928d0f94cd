import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { tempFolder } from '../../support/temp.ts';

type Edit = readonly [string | RegExp, string];

/** Exchanges within a document that change what a flag serves, or take it out: [from, to]. */
export interface Edits {
  readonly change: Readonly<Record<string, Edit>>;
  readonly remove: Readonly<Record<string, Edit>>;
}

/** The text with the edit done, which must change it. */
export function edited(text: string, edit: Edit | undefined): string {
  const after = edit ? text.replace(edit[0], edit[1]) : text;
  if (after === text) throw new Error('the fixture has no such edit');
  return after;
}

/** A provider over one flag file in a folder of its own. */
export async function fileFixture(made: {
  readonly name: string;
  readonly text: string;
  readonly edits: Edits;
  readonly provider: (file: string) => FlagProvider;
  readonly evaluate: (text: string, key: string) => (user: string) => string | null;
}): Promise<FlagFixture & { readonly file: string }> {
  const folder = tempFolder('flags');
  const file = join(folder.path, made.name);
  await writeFile(file, made.text);
  const edit = async (edit: Edit | undefined) => writeFile(file, edited(await readFile(file, 'utf8'), edit));
  return {
    file,
    provider: made.provider(file),
    snapshot: () => readFile(file, 'latin1'),
    changeElsewhere: (key) => edit(made.edits.change[key]),
    removeElsewhere: (key) => edit(made.edits.remove[key]),
    async evaluate(key, users) {
      return users.map(made.evaluate(await readFile(file, 'utf8'), key));
    },
    async dispose() {
      folder[Symbol.dispose]();
    },
  };
}
