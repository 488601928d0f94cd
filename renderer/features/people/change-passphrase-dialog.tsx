import { type FormEvent, useRef, useState } from 'react';
import type { Me } from '../../../shared/model/operator.ts';
import { toScramError, useClient } from '../../client/index.ts';
import { Button, Dialog, PassphraseInput, takePassphrase, useNotices } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './people.module.css';
import { problemText } from './problem.ts';

interface Problem {
  readonly at: 'present' | 'next' | 'again';
  readonly words: string;
}

/** A new passphrase for this person's key on this console; other consoles keep theirs. */
export function ChangePassphraseDialog({ me, onClose }: { readonly me: Me; readonly onClose: () => void }) {
  const t = useText();
  const client = useClient();
  const notify = useNotices((state) => state.notify);
  const [present, next, again] = [
    useRef<HTMLInputElement>(null),
    useRef<HTMLInputElement>(null),
    useRef<HTMLInputElement>(null),
  ];
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fail = (at: Problem['at'], words: string) => {
    setProblem({ at, words });
    ({ present, next, again })[at].current?.focus();
  };
  const close = () => {
    for (const input of [present, next, again]) takePassphrase(input.current);
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (!present.current?.value) return fail('present', t('people.needed'));
    if (!next.current?.value) return fail('next', t('people.needed'));
    if (next.current.value !== again.current?.value) return fail('again', t('people.differ'));
    setBusy(true);
    setProblem(null);
    takePassphrase(again.current);
    const input = {
      operator: me.operator,
      passphrase: takePassphrase(present.current),
      next: takePassphrase(next.current),
    };
    client.call('people.changePassphrase', input).then(
      () => {
        notify({ id: 'people', words: t('people.changed') });
        onClose();
      },
      (thrown: unknown) => {
        setBusy(false);
        const error = toScramError(thrown);
        fail(error.code === 'invalid-input' ? 'next' : 'present', problemText(t, error, me.name));
      },
    );
  };
  const problemAt = (at: Problem['at']) => (problem?.at === at ? problem.words : undefined);
  return (
    <Dialog
      open
      onClose={close}
      title={t('people.changeTitle')}
      width="s"
      closeOnOutsidePress={false}
      initialFocus={present}
      actions={
        <>
          <Button onClick={close}>{t('people.cancel')}</Button>
          <Button type="submit" form="change-passphrase" variant="primary" busy={busy}>
            {t('people.change')}
          </Button>
        </>
      }
    >
      <form id="change-passphrase" className={styles.form} onSubmit={submit}>
        <PassphraseInput ref={present} label={t('people.present')} problem={problemAt('present')} />
        <PassphraseInput ref={next} label={t('people.next')} hint={t('people.nextHint')} problem={problemAt('next')} />
        <PassphraseInput ref={again} label={t('people.again')} problem={problemAt('again')} />
      </form>
    </Dialog>
  );
}
