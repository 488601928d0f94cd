import type { FlagState } from '../../../../shared/model/flag.ts';
import type { FlagHints, ProviderFlag } from '../../../services/flags/provider.ts';
import type { DocumentSource } from './source.ts';

/** The name for errors and the file name that tells the syntax. */
export type DocumentPlace = Pick<DocumentSource, 'name' | 'fileName'>;

/** What a new definition must do, proven before it is written (B16). Both null: it puts back what was there (B7). */
export interface Promised {
  /** The variant that everyone must be served. */
  readonly serves: string | null;
  /** Percent of users by variant; variants left out get none. */
  readonly shares: Readonly<Record<string, number>> | null;
}

/** A change of one definition's text. */
export interface PlannedEdit {
  readonly text: string;
  readonly promised: Promised;
  /** The state that the text then means; its revision is `textRevision`. */
  readonly after: Omit<FlagState, 'revision'>;
  readonly notes?: readonly string[];
}

/** A definition to be exchanged. */
export interface DefinitionChange {
  readonly key: string;
  readonly text: string;
  readonly promised: Promised;
}

/** One version of a document of flags. */
export interface OpenDocument {
  readonly bytes: Buffer;
  readonly keys: readonly string[];
  has(key: string): boolean;
  /** Throws what is wrong with any of the flags that the flag system would refuse the document for. */
  check(): void;
  /** The flag as the document has it; its `definition` is `{ text }`, the exact source. */
  flag(key: string, hints: FlagHints, environment: string): ProviderFlag;
  /**
   * The document's bytes with the sources of these definitions exchanged, everything else byte for byte. Throws `refused`
   * when more than these flags would change, or when a new definition would not do what was promised.
   */
  replaced(changes: readonly DefinitionChange[]): Buffer;
}

/** How a flag system writes its flags into one document. */
export interface FlagFormat {
  /** Throws `provider` with name, line and field for a document that the flag system would refuse. */
  open(place: DocumentPlace, bytes: Buffer): OpenDocument;
  /** `text` is the exact source of the flag's definition. Pure; throws `refused`. */
  planKill(flag: ProviderFlag, text: string, fileName: string): PlannedEdit;
  /** Left out when the format has no shares of users. Pure; throws `refused` with the reason. */
  planRollout?(flag: ProviderFlag, text: string, fileName: string, percentage: number): PlannedEdit;
}
