import { EyeOff, MonitorCog, PenLine, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Entry } from '../../../shared/model/entry.ts';
import { useRights } from '../../client/index.ts';
import { Button, Code, CopyButton, IconButton, MarkedText, StatusPill, Time } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { describeEntry } from './describe.ts';
import styles from './details.module.css';
import { entryAsText } from './entry-text.ts';
import { groupOf } from './groups.ts';
import type { Names } from './names.ts';
import { RedactDialog } from './redact-dialog.tsx';

export interface EntryDetailsProps {
  readonly entry: Entry;
  readonly names: Names;
  readonly onClose: () => void;
}

/** One entry as it is hashed and signed, beside the list. Esc closes it and gives the focus back. */
export function EntryDetails({ entry, names, onClose }: EntryDetailsProps) {
  const t = useText();
  const { may } = useRights();
  const [redacting, setRedacting] = useState(false);
  const panel = useRef<HTMLElement>(null);
  const { atMs, by, data, device, sequence, previous, version } = entry.body;
  const { text, result } = describeEntry(t, data, names, by?.operator ?? null);
  const title = t('ledger.detailsOf', { sequence });
  useEffect(() => {
    const opener = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
  // The words of the first entry are the device's key: without it, nothing of its chain could be verified.
  const redactable = data.kind !== 'redacted' && data.kind !== 'device.created' && version === 2;
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={title}
      className={styles.panel}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || redacting) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className={styles.header}>
        <h2>{title}</h2>
        <IconButton icon={X} label={t('ledger.closeDetails')} variant="ghost" size="s" onClick={onClose} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (H1) */}
      <div className={styles.body} tabIndex={0}>
        <p className={styles.words}>
          <MarkedText text={text} />
        </p>
        {result === null ? null : (
          <p>
            <StatusPill tint={result.tint}>{result.text}</StatusPill>
          </p>
        )}
        <dl className={styles.facts}>
          <Fact name={t('ledger.columnTime')}>
            <Time atMs={atMs} as="record" />
          </Fact>
          <Fact name={t('ledger.columnKind')}>
            {t(`ledger.group.${groupOf(data.kind)}`)} · <Code>{data.kind}</Code>
          </Fact>
          <Fact name={t('ledger.columnWho')}>
            {by === undefined ? (
              <span className={styles.sign}>
                <MonitorCog aria-hidden size={13} /> {t('ledger.notedHint', { console: names.console(device) })}
              </span>
            ) : (
              <span className={styles.sign}>
                <PenLine aria-hidden size={13} />
                {t('ledger.signedHint', { person: names.person(by.operator), key: by.key })}
              </span>
            )}
          </Fact>
          <Fact name={t('ledger.console')}>
            {names.console(device)} · <Code>{device}</Code>
          </Fact>
          <Fact name={t('ledger.place')}>{t('ledger.placeIn', { sequence })}</Fact>
          <Fact name={t('ledger.hash')}>
            <Code>{entry.hash}</Code>
          </Fact>
          <Fact name={t('ledger.previous')}>
            <Code>{previous}</Code>
          </Fact>
        </dl>
        <h3>{t('ledger.details')}</h3>
        <pre className={styles.whole}>{JSON.stringify(entry, null, 2)}</pre>
      </div>
      <footer className={styles.footer}>
        {redactable && may('administer') ? (
          <Button size="s" icon={EyeOff} onClick={() => setRedacting(true)}>
            {t('ledger.redact')}
          </Button>
        ) : null}
        <CopyButton text={entryAsText(t, entry, names)} label={t('ledger.copy')} />
      </footer>
      {redacting ? <RedactDialog entry={entry} words={text} onClose={() => setRedacting(false)} /> : null}
    </aside>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
