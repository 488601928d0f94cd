import { useState } from 'react';
import { useAction, useCall, useRights } from '../../client/index.ts';
import { Button, ErrorState, TextArea, Time } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './incidents.module.css';

const REFRESH_MS = 4_000;
const MOST = 100;

interface NotesProps {
  readonly incident: string;
  /** Why this person may write none; null when they may. */
  readonly refusal: string | null;
}

/** What people wrote about an incident: entries of the ledger, newest first, from every console (D6). */
export function Notes({ incident, refusal }: NotesProps) {
  const t = useText();
  const { nameOf } = useRights();
  const [text, setText] = useState('');
  const note = useAction('incidents.note');
  const { data, refetch } = useCall(
    'ledger.timeline',
    { offset: 0, limit: MOST, kinds: ['note.added'], search: incident },
    { refetchMs: REFRESH_MS },
  );
  const notes = (data?.entries ?? []).flatMap(({ hash, body: { atMs, by, data: entry } }) =>
    entry.kind === 'note.added' && entry.incident === incident
      ? [{ hash, atMs, who: by === undefined ? null : nameOf(by.operator), text: entry.text }]
      : [],
  );
  const ready = text.trim() !== '' && refusal === null && !note.isPending;
  const add = () => {
    if (!ready) return;
    note.mutate(
      { incident, text: text.trim() },
      {
        onSuccess: () => {
          setText('');
          void refetch();
        },
      },
    );
  };
  return (
    <section className={styles.notes} aria-label={t('incidents.notes')}>
      <form
        className={styles.noteForm}
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <TextArea
          label={t('incidents.note')}
          rows={2}
          maxLength={4000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            add();
          }}
        />
        <Button type="submit" aria-disabled={!ready} busy={note.isPending} title={refusal ?? undefined}>
          {t('incidents.addNote')}
        </Button>
      </form>
      {note.error ? (
        <ErrorState title={t('incidents.noteFailed')} detail={note.error.message} action={note.error.action} />
      ) : null}
      {notes.length === 0 ? null : (
        <ol className={styles.noteList}>
          {notes.map((each) => (
            <li key={each.hash}>
              <span className={styles.noteHead}>
                <strong>{each.who ?? t('incidents.nobody')}</strong> <Time atMs={each.atMs} as="clock" />
              </span>
              <p>{each.text}</p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
