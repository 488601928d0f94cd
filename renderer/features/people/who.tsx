import { ChevronUp, Lock, LockOpen } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { Me } from '../../../shared/model/operator.ts';
import { toScramError, useClient, useRights } from '../../client/index.ts';
import { ActionMenu, cx, durationText, useNotices, useNow, useUnlock } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './people.module.css';

const ChangePassphrase = lazy(async () => ({
  default: (await import('./change-passphrase-dialog.tsx')).ChangePassphraseDialog,
}));

const MINUTE_MS = 60_000;
/** The chip says that it is about to lock from so long before it does. */
const WARN_MS = MINUTE_MS;

/** Who is at the console, at the left of the status bar. Nothing where the configuration names no operators. */
export function Who() {
  const t = useText();
  const ask = useUnlock((state) => state.ask);
  const { people, locked } = useRights();
  if (!people?.enforced) return null;
  const { me, keychain, unlockable } = people;
  if (me) {
    return <Unlocked me={me} keychain={keychain ? (isKept(unlockable, me.operator) ? 'kept' : 'offered') : 'none'} />;
  }
  return (
    <button type="button" className={cx(styles.chip, locked && styles.locked)} onClick={() => void ask()}>
      <Lock aria-hidden size={13} />
      {t('people.locked')}
    </button>
  );
}

function isKept(
  unlockable: readonly { readonly operator: string; readonly by: readonly string[] }[],
  operator: string,
): boolean {
  return unlockable.some((one) => one.operator === operator && one.by.includes('keychain'));
}

interface UnlockedProps {
  readonly me: Me;
  /** Whether the host has the operating system's keychain, and whether this person's key is in it. */
  readonly keychain: 'none' | 'offered' | 'kept';
}

function Unlocked({ me, keychain }: UnlockedProps) {
  const t = useText();
  const client = useClient();
  const notify = useNotices((state) => state.notify);
  const [changing, setChanging] = useState(false);
  const now = useNow();
  const locksInMs = me.locksAtMs === null ? null : me.locksAtMs - now;
  const locking = locksInMs !== null && locksInMs < WARN_MS;
  const minutes = Math.floor(Math.max(0, now - me.unlockedAtMs) / MINUTE_MS);
  const tried = (run: Promise<unknown>) =>
    run.catch((thrown: unknown) => {
      const { message, action } = toScramError(thrown);
      notify({ id: 'people', words: [message, action].filter((part) => part !== null).join('. ') });
    });
  const run: Readonly<Record<string, () => unknown>> = {
    lock: () => tried(client.call('people.lock', {})),
    passphrase: () => setChanging(true),
    keychain: () => tried(client.call('people.keepInKeychain', { keep: keychain === 'offered' })),
  };
  return (
    <>
      <ActionMenu
        label={t('people.menu')}
        triggerClassName={cx(styles.chip, locking && styles.locking)}
        trigger={
          <>
            <LockOpen aria-hidden size={13} />
            <strong title={me.name}>{me.operator}</strong>
            <span>
              {'· '}
              {locking
                ? t('people.locksIn', { duration: durationText(Math.max(0, locksInMs)) })
                : minutes === 0
                  ? t('people.unlockedNow')
                  : t('people.unlockedFor', { duration: durationText(minutes * MINUTE_MS) })}
            </span>
            <ChevronUp aria-hidden size={12} />
          </>
        }
        actions={[
          { value: 'lock', label: t('people.lockNow') },
          { value: 'passphrase', label: t('people.changePassphrase') },
          ...(keychain === 'none'
            ? []
            : [{ value: 'keychain', label: t(keychain === 'kept' ? 'people.takeFromKeychain' : 'people.keep') }]),
        ]}
        onChoose={(value) => run[value]?.()}
      />
      {changing ? (
        <Suspense fallback={null}>
          <ChangePassphrase me={me} onClose={() => setChanging(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
