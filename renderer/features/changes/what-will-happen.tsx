import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ChangePayload } from '../../../shared/model/change.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import { Code, Table, Td, Th, Tr } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './changes.module.css';
import { affectedText, exposureText, stateText } from './describe.ts';
import { code, environment, filePath, Sentence } from './sentence.tsx';

/** The change as a sentence, before it runs (B2, UI.md), and what "off" means at this provider (B16). */
export function WhatWillHappen({ payload }: { readonly payload: ChangePayload }) {
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
      <Comparison payload={payload} />
      <details className={styles.details}>
        <summary>{t('changes.definition')}</summary>
        <div className={styles.definitions}>
          <Definition label={t('changes.before')} value={before.definition} />
          <Definition label={t('changes.after')} value={after.definition} />
        </div>
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

function Definition({ label, value }: { readonly label: string; readonly value: JsonValue }) {
  return (
    <figure className={styles.definition}>
      <figcaption>{label}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (H1) */}
      <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
    </figure>
  );
}
