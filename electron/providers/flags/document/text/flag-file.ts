import { isUtf8 } from 'node:buffer';
import type { Document } from 'yaml';
import { ScramError } from '../../../../../shared/model/error.ts';
import type { JsonObject } from '../../../../../shared/model/json.ts';
import type { DocumentPlace } from '../format.ts';
import { openJsonFile } from './json-file.ts';
import { openYamlFile } from './yaml-file.ts';

/** What is wrong with a document, at which field. */
export interface Fault {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What a flag system asks of its documents. */
export interface Grammar {
  /** Member of the root that holds the flags by key; null when the root itself does. */
  readonly flagsIn: string | null;
  /** What the flag system and its services do with a document that is refused, in words. */
  readonly refusal: string;
  /** A document without flags, as it is written. */
  readonly empty: string;
  /** Changes what the YAML parser made of plain scalars to what the flag system's own reader makes of them. */
  readonly readYaml?: (document: Document) => void;
  /** Of the root; the map of flags is left empty when it is one. */
  checkRoot(root: unknown): Fault | null;
  /** Of one definition, its path starting within it. */
  checkDefinition(definition: unknown): Fault | null;
}

export interface SourceDefinition {
  /** What a change keeps and an undo puts back. */
  readonly text: string;
  readonly definition: JsonObject;
}

/** One version of a flag file. */
export interface FlagFile {
  readonly bytes: Buffer;
  readonly syntax: 'json' | 'yaml';
  readonly keys: readonly string[];
  /** What the root holds beside the flags. */
  readonly others: JsonObject;
  has(key: string): boolean;
  /** One definition and its exact source. Throws `provider` with line and field when it would not be accepted. */
  read(key: string): SourceDefinition;
  /**
   * The file's bytes with the sources of these definitions exchanged, everything else byte for byte. Proves the result;
   * throws `refused` otherwise.
   */
  replaced(texts: ReadonlyMap<string, string>): { bytes: Buffer; definitions: ReadonlyMap<string, JsonObject> };
}

export function isYaml(fileName: string): boolean {
  return /\.ya?ml$/i.test(fileName);
}

export function openTextFile(place: DocumentPlace, bytes: Buffer, grammar: Grammar): FlagFile {
  return isYaml(place.fileName) ? openYamlFile(place.name, bytes, grammar) : openJsonFile(place.name, bytes, grammar);
}

export function decode(path: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new ScramError('provider', `${path}: not UTF-8 text`, { action: 'Save the flag file as UTF-8.' });
}

/** Thrown for an empty file too: an empty file is a writer in the middle of its work, never "no flags". */
export function emptyFile(path: string, { empty }: Grammar): ScramError {
  return new ScramError('provider', `${path}: the file is empty`, {
    action: `Restore the flag file; a file without flags is written ${empty}.`,
  });
}

export function invalidFile(
  path: string,
  { line, column }: { readonly line: number; readonly column: number },
  what: string,
  { refusal }: Grammar,
): ScramError {
  return new ScramError('provider', `${path}:${line}:${column}: ${what}`, {
    action: `Correct the flag file; ${refusal}.`,
  });
}
