import { Fragment, type ReactNode } from 'react';
import { Code } from './text.tsx';

/** Private-use characters around a parameter: it is set apart in the sentence without cutting the sentence in pieces. */
const CODE = '\uE010';
const STRONG = '\uE011';
const END = '\uE01F';
const PIECES = /[\uE010\uE011][^\uE01F]*\uE01F/g;
const MARKS = /[\uE010\uE011\uE01F]/g;

export const markCode = (text: string): string => `${CODE}${text}${END}`;
export const markStrong = (text: string): string => `${STRONG}${text}${END}`;

/** The same words without their marks: for titles, for what is copied. */
export function plainText(text: string): string {
  return text.replace(MARKS, '');
}

/** A sentence whose marked parameters stand out: keys in monospace, names in bold. */
export function MarkedText({ text }: { readonly text: string }): ReactNode {
  const marked = text.match(PIECES) ?? [];
  return text.split(PIECES).map((plain, index) => {
    const next = marked[index];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence have no other name
      <Fragment key={index}>
        {plain}
        {next === undefined ? null : next.startsWith(CODE) ? (
          <Code>{next.slice(1, -1)}</Code>
        ) : (
          <strong>{next.slice(1, -1)}</strong>
        )}
      </Fragment>
    );
  });
}
