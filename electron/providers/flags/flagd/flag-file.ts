import { isJsonObject, type JsonObject } from '../../../../shared/model/json.ts';
import type { DocumentPlace } from '../document/format.ts';
import { type FlagFile as TextFile, type Grammar, openTextFile } from '../document/text/flag-file.ts';
import { checkDefinition, checkRoot } from './definition.ts';

const GRAMMAR: Grammar = {
  flagsIn: 'flags',
  refusal: 'flagd refuses it whole and services keep their last good one',
  empty: '{"flags": {}}',
  checkRoot,
  checkDefinition,
};

/** One version of a flag file. flagd refuses a file whole, so whoever uses one flag of it reads all of them first. */
export interface FlagFile extends TextFile {
  /** `$evaluators`, rules that flags refer to by `{"$ref": name}`. */
  readonly evaluators: JsonObject;
  /** Metadata of the whole set; a flag's own keys win over it. */
  readonly metadata: JsonObject;
}

/** Opens a flag file. `.yaml` and `.yml` are YAML, everything else JSON; `name` is said in errors. */
export function openFlagFile(name: string, bytes: Buffer, fileName = name): FlagFile {
  return openFlagdFile({ name, fileName }, bytes);
}

export function openFlagdFile(place: DocumentPlace, bytes: Buffer): FlagFile {
  const file = openTextFile(place, bytes, GRAMMAR);
  const { $evaluators, metadata } = file.others;
  return {
    ...file,
    evaluators: isJsonObject($evaluators) ? $evaluators : {},
    metadata: isJsonObject(metadata) ? metadata : {},
  };
}

/** Throws what is wrong with any of the file's flags. */
export function checkAll(file: FlagFile): void {
  for (const key of file.keys) file.read(key);
}
