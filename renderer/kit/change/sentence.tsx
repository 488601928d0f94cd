import { Fragment, type ReactNode } from 'react';
import { Code, EnvironmentName, FilePath } from '../text.tsx';
import { type TextId, type TextParams, useText } from '../../messages/index.ts';

/** Private-use characters around a parameter: it is set apart in the sentence without cutting the sentence in pieces. */
const CODE = '\uE000';
const END = '\uE001';
const PRODUCTION = '\uE002';
const NEUTRAL = '\uE003';
const PATH = '\uE004';
const PIECES = /[\uE000\uE002-\uE004][^\uE001]*\uE001/g;

export const code = (text: string): string => `${CODE}${text}${END}`;
/** A provider's own name of the environment, which for a file is its path. */
export const filePath = (text: string): string => `${PATH}${text}${END}`;
export const environment = (name: string, tone: 'production' | 'neutral'): string =>
  `${tone === 'production' ? PRODUCTION : NEUTRAL}${name}${END}`;

function piece(text: string): ReactNode {
  const inner = text.slice(1, -1);
  if (text.startsWith(PATH)) return <FilePath strong path={inner} />;
  if (text.startsWith(CODE)) return <Code strong>{inner}</Code>;
  return <EnvironmentName name={inner} tone={text.startsWith(PRODUCTION) ? 'production' : 'neutral'} />;
}

/** A sentence of the catalogue whose marked parameters stand out. */
export function Sentence({ id, params }: { readonly id: TextId; readonly params?: TextParams }) {
  const text = useText()(id, params);
  const marked = text.match(PIECES) ?? [];
  return text.split(PIECES).map((plain, index) => {
    const next = marked[index];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence have no other name
      <Fragment key={index}>
        {plain}
        {next === undefined ? null : piece(next)}
      </Fragment>
    );
  });
}
