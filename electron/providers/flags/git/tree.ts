import { ScramError } from '../../../../shared/model/error.ts';

type Run = (args: readonly string[], what: string, input?: Buffer | string) => Promise<Buffer>;

/**
 * The tree of `commit` with the bytes of one file exchanged: only the folders on its path are written, and the other
 * files' contents need not be on this machine. Returns the name of the tree.
 */
export async function replacedTree(run: Run, commit: string, file: string, bytes: Buffer): Promise<string> {
  const names = file.split('/');
  let object = text(await run(['hash-object', '-w', '--stdin'], 'storing the file', bytes));
  for (let depth = names.length - 1; depth >= 0; depth -= 1) {
    const folder = names.slice(0, depth).join('/');
    const entries = (await run(['ls-tree', '-z', '--full-tree', `${commit}:${folder}`], `reading folder ${folder}`))
      .toString('latin1')
      .split('\0')
      .filter((entry) => entry !== '');
    // Names are bytes; they are compared and written back as they are.
    const name = Buffer.from(names[depth] ?? '', 'utf8').toString('latin1');
    const at = entries.findIndex((entry) => entry.slice(entry.indexOf('\t') + 1) === name);
    const entry = entries[at];
    if (entry === undefined) throw new ScramError('not-found', `${file} is not there any more`);
    entries[at] = entry.replace(/ [0-9a-f]+\t/, ` ${object}\t`);
    const listing = Buffer.from(`${entries.join('\0')}\0`, 'latin1');
    object = text(await run(['mktree', '-z', '--missing'], `storing folder ${folder}`, listing));
  }
  return object;
}

function text(bytes: Buffer): string {
  return bytes.toString('utf8').trim();
}
