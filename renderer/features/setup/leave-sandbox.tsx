import { CircleCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useAction, useStream } from '../../client/index.ts';
import { Button, ErrorState, FilePath, Panel, TextInput, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './setup.module.css';
import { suggestedDirectory } from './suggested-directory.ts';

/** Directory, one press, what was written and what to do next. What was written stays after the mode has changed. */
export function LeaveSandbox({ sandbox }: { readonly sandbox: boolean }) {
  const t = useText();
  const [suggested, setSuggested] = useState('');
  const [typed, setTyped] = useState<string | null>(null);
  const directory = typed ?? suggested;
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
                <FilePath path={file} />
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
          <Suggestion onKnown={setSuggested} />
          <TextInput
            label={t('setup.directory')}
            hint={t('setup.directoryHint')}
            monospace
            maxLength={4096}
            value={directory}
            onChange={(event) => setTyped(event.currentTarget.value)}
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

interface SuggestionProps {
  readonly onKnown: (directory: string) => void;
}

/** The practice world's flag file stands in the data folder, which tells where that is. */
function Suggestion({ onKnown }: SuggestionProps) {
  const environment = usePage((page) => page.environment) ?? '';
  const row = useStream('flags.watch', { environment }).data?.rows[0];
  return row ? (
    <PlaceOf connection={row.connection} flag={row.key} environment={environment} onKnown={onKnown} />
  ) : null;
}

interface PlaceOfProps extends SuggestionProps {
  readonly connection: string;
  readonly flag: string;
  readonly environment: string;
}

function PlaceOf({ connection, flag, environment, onKnown }: PlaceOfProps) {
  const { data } = useStream('flags.watchOne', { connection, key: flag });
  const file = data?.flag.environments.find((each) => each.environment === environment)?.providerEnvironment;
  useEffect(() => onKnown(suggestedDirectory(file)), [file, onKnown]);
  return null;
}
