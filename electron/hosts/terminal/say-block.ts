import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Armoured } from '../../../shared/model/approval.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { CommandContext } from './command.ts';
import { codeWords } from './describe-approval.ts';
import { qrText } from './qr-text.ts';

/** The block alone on stdout, so that it can be piped on; what is to be said with it on stderr. */
export function sayBlock({ args, out, cwd }: CommandContext, block: Armoured): void {
  const { text, checkCode, qr, kind } = block;
  const file = args.text('file');
  out.json({ kind, text, checkCode, file: file ?? null });
  if (file !== undefined) {
    writeNew(path.resolve(cwd, file), `${text}\n`);
    out.say(`written to ${file}`);
  } else out.say(text);
  if (args.has('qr')) {
    if (qr === null) out.warn('this is too much for a QR code: pass the text on');
    else out.say(qrText(qr));
  }
  out.warn(`check code: ${codeWords(checkCode)}; both consoles show the same`);
}

function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new ScramError('refused', `${file} is already there, and is not overwritten`, { cause: error });
    }
    throw error;
  }
}
