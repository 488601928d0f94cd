import type { Change } from '../../../shared/model/change.ts';
import { useText } from '../../messages/index.ts';
import { Table, Td, Th, Tr } from '../table.tsx';
import { Code, FilePath } from '../text.tsx';
import styles from './change.module.css';
import { DefinitionDiff } from './definition-diff.tsx';
import { exposureText } from './describe.ts';

/** The changes of a bulk kill as they were proposed, each with its exact definition (B4, D1). */
export function ChangesInOrder({ changes }: { readonly changes: readonly Change[] }) {
  const t = useText();
  const serves = (variant: string | null) => (variant === null ? t('changes.codeDefault') : <Code>{variant}</Code>);
  return (
    <Table label={t('changes.bulkOrder')} className={styles.order}>
      <thead>
        <tr>
          <Th>{t('changes.bulkColumnPlace')}</Th>
          <Th>{t('changes.bulkColumnFlag')}</Th>
          <Th>{t('changes.bulkColumnThrough')}</Th>
          <Th>{t('changes.before')}</Th>
          <Th>{t('changes.after')}</Th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ hash, payload: { flag, connection, providerEnvironment, before, after } }, index) => (
          <Tr key={hash}>
            <Td numeric>{index + 1}</Td>
            <Th scope="row">
              <Code strong>{flag}</Code>
              <details className={styles.details}>
                <summary>{t('changes.definition')}</summary>
                <DefinitionDiff before={before.definition} after={after.definition} />
              </details>
            </Th>
            <Td>
              {connection}
              <div className={styles.second}>
                <FilePath path={providerEnvironment} />
              </div>
            </Td>
            <Td>
              {serves(before.serves)}
              <div className={styles.second}>{exposureText(t, before)}</div>
            </Td>
            <Td>
              {serves(after.serves)}
              <div className={styles.second}>{exposureText(t, after)}</div>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
