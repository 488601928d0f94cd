import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { useAction } from '../../client/index.ts';
import { Button, Code, ErrorState, Panel, TextInput } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './setup.module.css';

/** Directory, one press, what was written and what to do next. What was written stays after the mode has changed. */
export function LeaveSandbox({ sandbox }: { readonly sandbox: boolean }) {
  const t = useText();
  const [directory, setDirectory] = useState('');
  const initialise = useAction('console.initialise');
  const ready = directory.trim() !== '';
  if (!sandbox && !initialise.data) return null;
  return (
    <Panel title={t('setup.leave')}>
      {initialise.data ? (
        <div className={styles.stack} role="status">
          <p className={styles.done}>
            <CircleCheck aria-hidden size={16} /> {t('setup.done', { directory: initialise.data.directory })}
          </p>
          <ul className={styles.files}>
            {initialise.data.files.map((file) => (
              <li key={file}>
                <Code>{file}</Code>
              </li>
            ))}
          </ul>
          <h3>{t('setup.next')}</h3>
          <ol className={styles.next}>
            <li>{t('setup.next1')}</li>
            <li>{t('setup.next2')}</li>
            <li>{t('setup.next3')}</li>
          </ol>
        </div>
      ) : (
        <form
          className={styles.stack}
          onSubmit={(event) => {
            event.preventDefault();
            if (ready) initialise.mutate({ directory: directory.trim() });
          }}
        >
          <p>{t('setup.leaveText')}</p>
          <TextInput
            label={t('setup.directory')}
            hint={t('setup.directoryHint')}
            monospace
            maxLength={4096}
            value={directory}
            onChange={(event) => setDirectory(event.currentTarget.value)}
          />
          {initialise.error ? (
            <ErrorState title={t('setup.failed')} detail={initialise.error.message} action={initialise.error.action} />
          ) : null}
          <p>
            <Button type="submit" variant="primary" busy={initialise.isPending} aria-disabled={!ready}>
              {t('setup.write')}
            </Button>
          </p>
        </form>
      )}
    </Panel>
  );
}
