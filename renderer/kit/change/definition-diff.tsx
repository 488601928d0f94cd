import { useMemo } from 'react';
import type { JsonValue } from '../../../shared/model/json.ts';
import { useText } from '../../messages/index.ts';
import styles from './change.module.css';
import { definitionLines } from './definition-lines.ts';
import { type DiffLine, diffLines, foldSame, type SkippedLines } from './line-diff.ts';

const SIGNS = { same: '  ', removed: '- ', added: '+ ' } as const;
const TAGS = { same: 'span', removed: 'del', added: 'ins' } as const;

/** The provider's own definition, whole, with what goes and what comes (B2, D1). */
export function DefinitionDiff({ before, after }: { readonly before: JsonValue; readonly after: JsonValue }) {
  const t = useText();
  const lines = useMemo(() => {
    const all = diffLines(definitionLines(before), definitionLines(after));
    return all.some(({ kind }) => kind !== 'same') ? foldSame(all) : all;
  }, [before, after]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (H1)
    <pre tabIndex={0} className={styles.diff}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one diff have no other name
        <Line key={index} line={line} skipped={(count) => t('changes.diffSkipped', { count })} />
      ))}
    </pre>
  );
}

interface LineProps {
  readonly line: DiffLine | SkippedLines;
  readonly skipped: (count: number) => string;
}

function Line({ line, skipped }: LineProps) {
  if (line.kind === 'skipped') return <span className={styles.skipped}>{skipped(line.count)}</span>;
  const Tag = TAGS[line.kind];
  return (
    <Tag className={styles[line.kind]}>
      {SIGNS[line.kind]}
      {line.text}
    </Tag>
  );
}
