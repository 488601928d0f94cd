import { type TextId, useText } from '../messages/index.ts';
import styles from './keys-list.module.css';
import { Kbd } from './text.tsx';

const KEYS: readonly { readonly keys: readonly string[]; readonly text: TextId }[] = [
  { keys: ['Ctrl K', '⌘ K'], text: 'shell.help.palette' },
  { keys: ['/'], text: 'shell.help.search' },
  { keys: ['J', 'K'], text: 'shell.help.move' },
  { keys: ['Enter'], text: 'shell.help.open' },
  { keys: ['X'], text: 'shell.help.kill' },
  { keys: ['M'], text: 'shell.help.mark' },
  { keys: ['A'], text: 'shell.help.approvals' },
  { keys: ['1 – 7'], text: 'shell.help.go' },
  { keys: ['Esc'], text: 'shell.help.close' },
  { keys: ['?'], text: 'shell.help.help' },
];

/** Every key of the page and what it does (H1): in the help dialog and on Setup. */
export function KeysList() {
  const t = useText();
  return (
    <dl className={styles.list}>
      {KEYS.map(({ keys, text }) => (
        <div key={text} className={styles.line}>
          <dt className={styles.keys}>
            {keys.map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
          </dt>
          <dd>{t(text)}</dd>
        </div>
      ))}
    </dl>
  );
}
