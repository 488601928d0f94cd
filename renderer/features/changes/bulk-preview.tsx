import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { BatchPreview, BatchPreviewItem } from '../../../shared/model/batch.ts';
import { Badge, Code, FilePath, Table, Td, Th, Tr } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './changes.module.css';
import { environment, Sentence } from '../../kit/change/index.ts';

export interface BulkPreviewProps {
  readonly preview: BatchPreview;
  /** What else belongs to it, such as that a second person must approve it. */
  readonly children?: ReactNode;
}

/** Every flag in its place, and those that are left out with the reason: before anything is done (B2). */
export function BulkPreview({ preview, children }: BulkPreviewProps) {
  const t = useText();
  const done = preview.items.filter((item) => item.preview !== null);
  const left = preview.items.filter((item) => item.preview === null);
  return (
    <section aria-label={t('changes.whatWillHappen')} className={styles.region}>
      <p className={styles.lead}>
        {done.length === 0 ? (
          t('changes.bulkNothing')
        ) : (
          <Sentence
            id="changes.bulkSentence"
            params={{ count: done.length, environment: environment(preview.environment, preview.tone) }}
          />
        )}
      </p>
      {done.length === 0 ? null : (
        <p>
          {preview.affectedServices.length === 0
            ? t('changes.bulkAffectsUnknown')
            : t('changes.bulkAffects', { services: preview.affectedServices.join(', ') })}{' '}
          {t('changes.bulkUndo')}
        </p>
      )}
      {children}
      {left.length === 0 ? null : <LeftOut items={left} />}
      {done.length === 0 ? null : <InOrder items={done} />}
    </section>
  );
}

/** What is not done, and why. */
function LeftOut({ items }: { readonly items: readonly BatchPreviewItem[] }) {
  const t = useText();
  return (
    <div className={styles.leftOut}>
      <p className={styles.note}>
        <TriangleAlert aria-hidden size={14} /> {t('changes.bulkLeftOut', { count: items.length })}
      </p>
      <ul aria-label={t('changes.bulkLeftOut', { count: items.length })}>
        {items.map((item) => (
          <li key={`${item.connection}/${item.flag}`}>
            <Reason flag={item.flag} message={item.problem?.message ?? ''} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The reason with the flag's key set apart: before it, unless it names the flag itself. */
function Reason({ flag, message }: { readonly flag: string; readonly message: string }) {
  const at = message.indexOf(flag);
  return (
    <>
      {at > 0 ? message.slice(0, at) : null}
      <Code strong>{flag}</Code>
      {at < 0 ? `: ${message}` : message.slice(at + flag.length)}
    </>
  );
}

function InOrder({ items }: { readonly items: readonly BatchPreviewItem[] }) {
  const t = useText();
  return (
    <Table label={t('changes.bulkOrder')} className={styles.bulk}>
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
        {items.map((item, index) => (
          <Tr key={`${item.connection}/${item.flag}`}>
            <Td numeric>{index + 1}</Td>
            <Th scope="row">
              <Code strong>{item.flag}</Code> {item.critical ? <Badge>{t('flags.critical')}</Badge> : null}
            </Th>
            <Td>
              {item.connection}
              {item.providerEnvironment === null ? null : (
                <div className={styles.second}>
                  <FilePath path={item.providerEnvironment} />
                </div>
              )}
            </Td>
            <Td>
              {item.serves === null ? t('changes.codeDefault') : <Code>{item.serves}</Code>}
              <div className={styles.second}>
                {item.percentage === null
                  ? t('changes.bulkShareUnknown')
                  : t('changes.bulkShare', { percentage: item.percentage })}
              </div>
            </Td>
            <Td>{item.willServe === null ? t('changes.codeDefault') : <Code>{item.willServe}</Code>}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
