import { Fragment, type ReactNode } from 'react';
import { CODE_MARK, MARKED_PIECES } from './marks.ts';
import { Code } from './text.tsx';

/** A sentence whose marked parameters stand out: keys in monospace, names in bold. */
export function MarkedText({ text }: { readonly text: string }): ReactNode {
  const marked = text.match(MARKED_PIECES) ?? [];
  return text.split(MARKED_PIECES).map((plain, index) => {
    const next = marked[index];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence have no other name
      <Fragment key={index}>
        {plain}
        {next === undefined ? null : next.startsWith(CODE_MARK) ? (
          <Code>{next.slice(1, -1)}</Code>
        ) : (
          <strong>{next.slice(1, -1)}</strong>
        )}
      </Fragment>
    );
  });
}
