import { KeyRound } from 'lucide-react';
import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react';
import type { PeopleState } from '../../../shared/model/operator.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import { toScramError, useClient, useRights } from '../../client/index.ts';
import {
  Button,
  Code,
  Dialog,
  EmptyState,
  PassphraseInput,
  PersonChoice,
  takePassphrase,
  useNow,
  useUnlock,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { rememberedPerson, rememberPerson } from './last-person.ts';
import styles from './people.module.css';
import { problemText } from './problem.ts';

/** The dialog that everything a locked console refuses leads to; afterwards that goes on (D5). Mounted once. */
export function UnlockDialog() {
  const asked = useUnlock((state) => state.asked);
  const answer = useUnlock((state) => state.answer);
  const { people } = useRights();
  // Somebody unlocked this session by another way, such as the chip: whoever waits goes on.
  const unlocked = people?.me != null;
  useEffect(() => {
    if (asked && unlocked) answer(true);
  }, [asked, unlocked, answer]);
  return asked && people && !unlocked ? <Unlock people={people} onEnd={answer} /> : null;
}

interface UnlockProps {
  readonly people: PeopleState;
  readonly onEnd: (unlocked: boolean) => void;
}

function Unlock({ people, onEnd }: UnlockProps) {
  const t = useText();
  const client = useClient();
  const input = useRef<HTMLInputElement>(null);
  const { unlockable, keychain, retryAtMs, practicePassphrase } = people;
  const [chosen, setChosen] = useState(() => rememberedPerson(unlockable));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ScramError | null>(null);
  const now = useNow();
  const waitMs = Math.max(0, (retryAtMs ?? 0) - now);
  const person = unlockable.find(({ operator }) => operator === chosen) ?? unlockable[0];
  const close = useCallback(() => {
    takePassphrase(input.current);
    onEnd(false);
  }, [onEnd]);

  // Not through the page's query cache, which keeps what was sent with each call: a passphrase is kept nowhere.
  const run = (unlocking: Promise<unknown>) => {
    if (!person) return;
    setBusy(true);
    setError(null);
    unlocking.then(
      () => {
        rememberPerson(person.operator);
        onEnd(true);
      },
      (thrown: unknown) => {
        setBusy(false);
        setError(toScramError(thrown));
        input.current?.focus();
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy || waitMs > 0 || !person) return;
    const passphrase = takePassphrase(input.current);
    if (passphrase === '') input.current?.focus();
    else run(client.call('people.unlock', { operator: person.operator, passphrase }));
  };

  return (
    <Dialog
      open
      onClose={close}
      title={t('people.unlock')}
      description={t('people.unlockWhy')}
      width="s"
      closeOnOutsidePress={false}
      initialFocus={input}
      actions={
        person ? (
          <>
            <Button onClick={close}>{t('people.stayLocked')}</Button>
            {keychain && person.by.includes('keychain') ? (
              <Button
                icon={KeyRound}
                busy={busy}
                onClick={() => run(client.call('people.unlockByKeychain', { operator: person.operator }))}
              >
                {t('people.byKeychain')}
              </Button>
            ) : null}
            <Button type="submit" form="unlock" variant="primary" busy={busy} aria-disabled={waitMs > 0}>
              {t('people.unlock')}
            </Button>
          </>
        ) : null
      }
    >
      {person ? (
        <form id="unlock" className={styles.form} onSubmit={submit}>
          <PersonChoice
            label={t('people.who')}
            value={person.operator}
            onChoose={(operator) => {
              setChosen(operator);
              setError(null);
              takePassphrase(input.current);
            }}
            people={unlockable.map(({ operator, name, inRoster }) => ({
              operator,
              name,
              hint: inRoster ? rolesOf(people, operator, t) : t('people.notInRoster'),
            }))}
          />
          <PassphraseInput
            ref={input}
            hint={
              practicePassphrase === null ? undefined : (
                <>
                  {t('people.practice')} <Code strong>{practicePassphrase}</Code>
                </>
              )
            }
            problem={
              waitMs > 0
                ? t('people.tooMany', { seconds: Math.ceil(waitMs / 1000) })
                : error
                  ? problemText(t, error, person.name)
                  : undefined
            }
          />
        </form>
      ) : (
        <EmptyState title={t('people.nobody')}>{t('people.nobodyHow')}</EmptyState>
      )}
    </Dialog>
  );
}

function rolesOf(people: PeopleState, operator: string, t: ReturnType<typeof useText>): string {
  const roles = people.roster.operators.find(({ id }) => id === operator)?.roles ?? [];
  return roles.map((role) => t(`people.role.${role}`)).join(', ');
}
