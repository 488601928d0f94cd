import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { ProviderFlag, WriteRequest } from '../../../services/flags/provider.ts';
import type { DefinitionChange, OpenDocument } from './format.ts';
import type { DocumentReader } from './reader.ts';
import type { DocumentSource, FlagDocument } from './source.ts';

export interface DocumentWriterOptions {
  readonly kind: string;
  readonly reader: DocumentReader;
  /** Throws `not-found` when the document has no such flag. */
  readonly flagOf: (open: OpenDocument, key: string, environment: string, source: DocumentSource) => ProviderFlag;
}

export interface DocumentWriter {
  /**
   * Writes all that can be written into the one document, at once, after what is being written to it already. One
   * outcome each, in order.
   */
  write(
    source: DocumentSource,
    requests: readonly WriteRequest[],
    signal: AbortSignal,
  ): Promise<readonly (Error | null)[]>;
}

/** Times that a document may move beneath a write before it is given up. */
const ATTEMPTS = 4;

const writeSchema = z.strictObject({
  text: z.string(),
  /** The variant that everyone must be served afterwards. */
  serves: z.string().nullable(),
  /** Percent of users by variant afterwards. Both null for an undo, which puts back whatever was there. */
  shares: z.record(z.string(), z.number()).nullable().default(null),
});
export function createDocumentWriter({ kind, reader, flagOf }: DocumentWriterOptions): DocumentWriter {
  /** The last write of each source: two at a time could both find the document as they expect it. */
  const writing = new Map<DocumentSource, Promise<void>>();

  function changeOf(request: WriteRequest): DefinitionChange {
    const write = writeSchema.safeParse(request.write);
    if (!write.success) {
      throw new ScramError('refused', `the write for ${request.key} is not one of a ${kind} connection`);
    }
    const { text, ...promised } = write.data;
    return { key: request.key, text, promised };
  }

  async function writeAll(
    source: DocumentSource,
    requests: readonly WriteRequest[],
    signal: AbortSignal,
  ): Promise<(Error | null)[]> {
    const outcomes = new Map<WriteRequest, Error>();
    const settle = () => requests.map((request) => outcomes.get(request) ?? null);
    let overtaken: { document: FlagDocument; error: ScramError } | null = null;
    for (let attempt = 1; ; attempt += 1) {
      const { document, value } = await reader.openHot(source, signal);
      const changes = new Map<WriteRequest, DefinitionChange>();
      for (const request of requests.filter((each) => !outcomes.has(each))) {
        try {
          const present = flagOf(value, request.key, request.environment, source);
          if (present.state.revision !== request.expectRevision) throw moved(source.name, request.key);
          // Refused as overtaken, though nothing moved: to write the same once more would be blind.
          if (overtaken !== null && sameDocument(overtaken.document, document)) throw overtaken.error;
          changes.set(request, changeOf(request));
        } catch (error) {
          outcomes.set(request, scramError(error));
        }
      }
      const bytes = replacedBy(value, changes, outcomes);
      if (bytes === null) return settle();
      signal.throwIfAborted();
      const asked = [...changes.keys()];
      const key = listed(asked.map((request) => request.key));
      const comment = listed(asked.map((request) => request.comment));
      try {
        await source.replace(bytes, { expect: document, key, comment, signal });
        reader.wrote(bytes);
        return settle();
      } catch (error) {
        const overtook = error instanceof ScramError && error.code === 'conflict';
        // Another writer came in between and its work is not overwritten (B2): start again from what is there now,
        // which is a conflict if it was this flag that moved.
        if (overtook && attempt < ATTEMPTS) {
          overtaken = { document, error };
          continue;
        }
        for (const request of changes.keys()) {
          outcomes.set(request, overtook ? moved(source.name, request.key, error) : asError(error));
        }
        return settle();
      }
    }
  }

  /** One write after the other for each source; what went wrong with the one before is no matter of the next. */
  async function inTurn<T>(source: DocumentSource, run: () => Promise<T>): Promise<T> {
    const before = writing.get(source);
    const done = before === undefined ? run() : before.then(run);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    writing.set(source, settled);
    try {
      return await done;
    } finally {
      if (writing.get(source) === settled) writing.delete(source);
    }
  }

  return { write: (source, requests, signal) => inTurn(source, () => writeAll(source, requests, signal)) };
}

/** The document with the changes; those that it refuses are taken out of them. Null when none is left. */
function replacedBy(
  open: OpenDocument,
  changes: Map<WriteRequest, DefinitionChange>,
  outcomes: Map<WriteRequest, Error>,
): Buffer | null {
  if (changes.size === 0) return null;
  try {
    return open.replaced([...changes.values()]);
  } catch (error) {
    const before = changes.size;
    for (const [request, change] of changes) {
      try {
        if (before > 1) open.replaced([change]);
        else throw error;
      } catch (own) {
        outcomes.set(request, scramError(own));
        changes.delete(request);
      }
    }
    // Each is good alone, and not together.
    if (changes.size === before) throw error;
    return replacedBy(open, changes, outcomes);
  }
}

function sameDocument(a: FlagDocument, b: FlagDocument): boolean {
  return a.version === b.version && a.bytes.equals(b.bytes);
}

function moved(place: string, key: string, cause?: unknown): ScramError {
  return new ScramError('conflict', `${key} in ${place} has changed since it was read; nothing was written`, {
    action: 'Look at its present state and decide again.',
    cause,
  });
}

const LISTED = 5;

/** A list that a person can read, each once. */
function listed(words: readonly string[]): string {
  const all = [...new Set(words)];
  const shown = all.slice(0, LISTED).join(', ');
  return all.length > LISTED ? `${shown} and ${all.length - LISTED} more` : shown;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Anything else is a fault of the program, and no outcome of one flag. */
function scramError(error: unknown): ScramError {
  if (error instanceof ScramError) return error;
  throw error;
}
