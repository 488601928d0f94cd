import type { Clock } from '../../../services/ports.ts';
import type { FlagFormat, OpenDocument } from './format.ts';
import type { DocumentSource, FlagDocument } from './source.ts';

export interface DocumentRead<T> {
  readonly document: FlagDocument;
  readonly value: T;
}

export interface DocumentReader {
  /** Reads the document and what `use` needs of it, again when it was caught half written. */
  open<T>(source: DocumentSource, signal: AbortSignal, use: (open: OpenDocument) => T): Promise<DocumentRead<T>>;
  /** The document with every flag checked; kept, so that the same bytes are not read through again. */
  openHot(source: DocumentSource, signal: AbortSignal): Promise<DocumentRead<OpenDocument>>;
  /** These bytes were proven and written by us: to read them back needs no check of 10,000 flags. */
  wrote(bytes: Uint8Array): void;
  forget(): void;
}

/** A writer that does not replace a document but rewrites it needs this long at most between first and last byte. */
const SETTLE_MS = 60;
const ATTEMPTS = 4;

export function createDocumentReader({ format, clock }: { format: FlagFormat; clock: Clock }): DocumentReader {
  /** The version that was read last: an apply right after a preview finds its place without reading 10,000 flags. */
  let hot: { source: DocumentSource; open: OpenDocument } | null = null;
  let written: Uint8Array | null = null;

  async function open<T>(
    source: DocumentSource,
    signal: AbortSignal,
    use: (open: OpenDocument) => T,
  ): Promise<DocumentRead<T>> {
    for (let attempt = 1; ; attempt += 1) {
      const document = await source.read(signal);
      try {
        const known = hot?.source === source && hot.open.bytes.equals(document.bytes) ? hot.open : null;
        return { document, value: use(known ?? format.open(source, document.bytes)) };
      } catch (error) {
        // Truncated while being written: what is half there now is whole in a moment.
        if (source.halfWritten !== true || attempt === ATTEMPTS) throw error;
        await pause(signal);
      }
    }
  }

  function openHot(source: DocumentSource, signal: AbortSignal): Promise<DocumentRead<OpenDocument>> {
    return open(source, signal, (document) => {
      if (hot?.open !== document && !(written && document.bytes.equals(written))) document.check();
      written = null;
      hot = { source, open: document };
      return document;
    });
  }

  function pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = () => {
        timer.dispose();
        reject(signal.reason);
      };
      const timer = clock.after(SETTLE_MS, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  return {
    open,
    openHot,
    wrote(bytes) {
      written = bytes;
    },
    forget() {
      hot = null;
      written = null;
    },
  };
}
