import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ChangePayload } from '../../../shared/model/change.ts';
import { useText } from '../../messages/index.ts';
import { Table, Td, Th, Tr } from '../table.tsx';
import { Code } from '../text.tsx';
import styles from './change.module.css';
import { DefinitionDiff } from './definition-diff.tsx';
import { affectedText, exposureText, stateText } from './describe.ts';
import { code, environment, filePath, Sentence } from './sentence.tsx';

export interface WhatWillHappenProps {
  readonly payload: ChangePayload;
  /** The exact definition is unfolded: for who decides about somebody else's change (D1). */
  readonly whole?: boolean | undefined;
  /** What else belongs to it, such as that a second person must approve it. */
  readonly children?: ReactNode;
  /** How things are now: before the raw definition. */
  readonly evidence?: ReactNode;
}

/** The change as a sentence, before it runs (B2, UI.md), and what "off" means at this provider (B16). */
export function WhatWillHappen({ payload, whole = false, children, evidence }: WhatWillHappenProps) {
  const t = useText();
  const { before, after } = payload;
  const where = {
    flag: code(payload.flag),
    environment: environment(payload.environment, payload.tone),
    connection: code(payload.connection),
    providerEnvironment: filePath(payload.providerEnvironment),
  };
  const variant = after.serves === null ? t('changes.codeDefault') : code(after.serves);
  return (
    <section aria-label={t('changes.whatWillHappen')} className={styles.region}>
      <p className={styles.lead}>
        {payload.action === 'kill' ? (
          <Sentence id="changes.sentenceKill" params={{ ...where, variant }} />
        ) : payload.action === 'undo' ? (
          <Sentence id="changes.sentenceUndo" params={where} />
        ) : (
          <Sentence id="changes.sentenceRollout" params={{ ...where, percentage: after.percentage ?? 0 }} />
        )}
      </p>
      <p>
        <Sentence id="changes.now" params={{ state: stateText(t, before, code) }} />{' '}
        <Sentence id="changes.affects" params={{ who: affectedText(t, payload) }} />{' '}
        <Sentence
          id="changes.undoHow"
          params={{ how: t('changes.undoRestores', { state: stateText(t, before, code) }) }}
        />
      </p>
      {payload.action === 'kill' ? (
        <p className={styles.meaning}>
          <strong>{t('changes.offMeans')}</strong>{' '}
          <Sentence id={`changes.off.${payload.offMeaning}`} params={{ variant }} />
          {payload.polarity === 'disables' ? ` ${t('changes.disables')}` : null}
        </p>
      ) : null}
      {payload.notes === undefined ? null : (
        <ul className={styles.notes}>
          {payload.notes.map((note) => (
            <li key={note} className={styles.note}>
              <TriangleAlert aria-hidden size={14} /> {note}
            </li>
          ))}
        </ul>
      )}
      {before.revision === after.revision ? (
        <p className={styles.note}>
          <TriangleAlert aria-hidden size={14} /> {t('changes.nothingToDo')}
        </p>
      ) : null}
      {children}
      <Comparison payload={payload} />
      {evidence}
      <details className={styles.details} open={whole}>
        <summary>{t('changes.definition')}</summary>
        <DefinitionDiff before={before.definition} after={after.definition} />
      </details>
    </section>
  );
}

function Comparison({ payload }: { readonly payload: ChangePayload }) {
  const t = useText();
  const { before, after } = payload;
  const serves = ({ serves: variant, targeting }: ChangePayload['before']) =>
    variant === null ? (
      t('changes.codeDefault')
    ) : targeting === null ? (
      <Code>{variant}</Code>
    ) : (
      <Sentence id="changes.servesRules" params={{ variant: code(variant) }} />
    );
  const rules = (targeting: string | null) =>
    targeting === null ? t('changes.noTargeting') : <Code>{targeting}</Code>;
  const share = (percentage: number | null) =>
    percentage === null ? t('changes.shareUnknown') : t('changes.share', { percentage });
  const rulesAfter =
    before.targeting !== null && after.targeting === null ? (
      <strong>{t('changes.targetingRemoved')}</strong>
    ) : before.targeting !== null && after.targeting === before.targeting && after.killed ? (
      t('changes.targetingKept')
    ) : (
      rules(after.targeting)
    );
  return (
    <Table label={t('changes.compare')} className={styles.compare}>
      <thead>
        <tr>
          <td />
          <Th>{t('changes.before')}</Th>
          <Th>{t('changes.after')}</Th>
        </tr>
      </thead>
      <tbody>
        <Line name={t('changes.rowServes')} before={serves(before)} after={serves(after)} />
        <Line name={t('changes.rowFeature')} before={exposureText(t, before)} after={exposureText(t, after)} />
        {before.percentage === null && after.percentage === null ? null : (
          <Line name={t('changes.rowShare')} before={share(before.percentage)} after={share(after.percentage)} />
        )}
        <Line name={t('changes.rowTargeting')} before={rules(before.targeting)} after={rulesAfter} />
      </tbody>
    </Table>
  );
}

function Line({ name, before, after }: { name: string; before: ReactNode; after: ReactNode }) {
  return (
    <Tr>
      <Th scope="row">{name}</Th>
      <Td>{before}</Td>
      <Td>{after}</Td>
    </Tr>
  );
}
