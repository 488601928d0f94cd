import { isUtf8 } from 'node:buffer';
import { ScramError } from '../../../../shared/model/error.ts';
import type { JsonObject } from '../../../../shared/model/json.ts';
import { openJsonFile } from './json-file.ts';
import { openYamlFile } from './yaml-file.ts';

export interface SourceDefinition {
  /** What a change keeps and an undo puts back. */
  readonly text: string;
  readonly definition: JsonObject;
}

/** One version of a flag file. flagd refuses a file whole, so whoever uses one flag of it reads all of them first. */
export interface FlagFile {
  readonly bytes: Buffer;
  readonly keys: readonly string[];
  /** `$evaluators`, rules that flags refer to by `{"$ref": name}`. */
  readonly evaluators: JsonObject;
  /** Metadata of the whole set; a flag's own keys win over it. */
  readonly metadata: JsonObject;
  has(key: string): boolean;
  /** One definition and its exact source. Throws `provider` with line and field when flagd would not accept it. */
  read(key: string): SourceDefinition;
  /** The file's bytes with the source of one definition exchanged. Proves the result; throws `refused` otherwise. */
  replaced(key: string, text: string): { bytes: Buffer; definition: JsonObject };
}

export function decode(path: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new ScramError('provider', `${path}: not UTF-8 text`, { action: 'Save the flag file as UTF-8.' });
}

/** Thrown for an empty file too: an empty file is a writer in the middle of its work, never "no flags". */
export function emptyFile(path: string): ScramError {
  return new ScramError('provider', `${path}: the file is empty`, {
    action: 'Restore the flag file; a file without flags is written {"flags": {}}.',
  });
}

export function invalidFile(path: string, line: number, column: number, what: string): ScramError {
  return new ScramError('provider', `${path}:${line}:${column}: ${what}`, {
    action: 'Correct the flag file; flagd refuses it whole and services keep their last good one.',
  });
}

export function openFlagFile(path: string, bytes: Buffer): FlagFile {
  return /\.ya?ml$/i.test(path) ? openYamlFile(path, bytes) : openJsonFile(path, bytes);
}

/** Throws what is wrong with any of the file's flags. */
export function checkAll(file: FlagFile): void {
  for (const key of file.keys) file.read(key);
}
