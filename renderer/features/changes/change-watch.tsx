import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useState } from 'react';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import { useStream } from '../../client/index.ts';
import { clockTime, Code, IconButton, isDialogOpen, StatusPill, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { BatchWatch } from './batch-watch.tsx';
import styles from './changes.module.css';
import { isActive, overallVerdict, wasAccepted } from './describe.ts';
import { ChangeProof } from './live-change.tsx';

/** More than these are in the list of recent changes. */
const MOST_SHOWN = 4;

/** Chosen by the operator: none is unfolded. */
const FOLDED = '';

/**
 * The changes whose effect is still being proven, and the one just made, in a dock under Now and Flags. The newest is
 * unfolded. It is away while a dialog is open: the dialog shows the same.
 */
export function ChangeWatch({ environment }: { readonly environment: string }) {
  const t = useText();
  const { data, status, receivedAtMs } = useStream('changes.recent', { environment });
  const following = usePage((state) => state.following);
  const follow = usePage((state) => state.follow);
  const batch = usePage((state) => state.followingBatch);
  const dialogOpen = usePage(isDialogOpen);
  const [putAway, setPutAway] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<string | null>(null);

  const active = (data?.changes ?? []).filter(
    ({ change, ...progress }) =>
      !putAway.has(change.hash) &&
      progress.stage !== 'proposed' &&
      (change.hash === following || isActive({ change, ...progress })),
  );
  const shown = active.slice(0, MOST_SHOWN);
  if (dialogOpen || (shown.length === 0 && batch === null)) return null;
  // The line of a bulk kill says enough of its flags: none of them unfolds by itself.
  const newest = batch === null ? shown[0]?.change.hash : FOLDED;
  const open = chosen === FOLDED || shown.some((each) => each.change.hash === chosen) ? chosen : newest;
  const dismiss = (hash: string) => {
    setPutAway((before) => new Set(before).add(hash));
    if (following === hash) follow(null);
  };

  return (
    <aside aria-label={t('changes.dock')} className={styles.dock}>
      {status !== 'live' && receivedAtMs !== null ? (
        <p>
          <StatusPill tint="amber">{t('changes.notLive', { time: clockTime(receivedAtMs, true) })}</StatusPill>
        </p>
      ) : null}
      {batch === null ? null : <BatchWatch key={batch.hash} {...batch} />}
      {shown.map((progress) => {
        const { hash, payload } = progress.change;
        return hash === open ? (
          <div key={hash} className={styles.dockOpen} data-tone={payload.tone}>
            <ChangeProof progress={progress} />
            <span className={styles.dockButtons}>
              <IconButton
                icon={ChevronDown}
                size="s"
                variant="ghost"
                label={t('changes.fold', { flag: payload.flag })}
                onClick={() => setChosen(FOLDED)}
              />
              <PutAway flag={payload.flag} onClick={() => dismiss(hash)} />
            </span>
          </div>
        ) : (
          <div key={hash} className={styles.dockFolded}>
            <IconButton
              icon={ChevronUp}
              size="s"
              variant="ghost"
              label={t('changes.watchOf', { flag: payload.flag })}
              onClick={() => setChosen(hash)}
            />
            <Code>{payload.flag}</Code>
            <Short progress={progress} />
            <PutAway flag={payload.flag} onClick={() => dismiss(hash)} />
          </div>
        );
      })}
      {active.length > shown.length ? (
        <p className={styles.quiet}>{t('changes.dockMore', { count: active.length - shown.length })}</p>
      ) : null}
    </aside>
  );
}

function PutAway({ flag, onClick }: { readonly flag: string; readonly onClick: () => void }) {
  const t = useText();
  return <IconButton icon={X} size="s" variant="ghost" label={t('changes.dismiss', { flag })} onClick={onClick} />;
}

function Short({ progress }: { readonly progress: ChangeProgress }) {
  const t = useText();
  const { observed, expected } = progress.propagation;
  const stage =
    progress.stage === 'observed'
      ? t('changes.stage.observedOf', { observed, expected })
      : t(`changes.stage.${progress.stage}`);
  const verdict = overallVerdict(progress.recoveries);
  return (
    <span className={styles.short}>
      {stage}
      {wasAccepted(progress) && progress.recoveries.length > 0 ? (
        <StatusPill tint={verdict === 'recovered' ? 'green' : verdict === 'not-recovered' ? 'red' : 'blue'} quiet>
          {t(`changes.verdict.${verdict}`)}
        </StatusPill>
      ) : null}
    </span>
  );
}
