import { LockKeyhole, LockKeyholeOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import type { VaultState } from '../../../../shared/model/vault.ts';
import { useRights } from '../../../client/index.ts';
import {
  Button,
  clockTime,
  Code,
  StatusPill,
  Table,
  Td,
  Th,
  Time,
  Tr,
  useNow,
  useRefusal,
} from '../../../kit/index.ts';
import { type TextId, useText } from '../../../messages/index.ts';
import styles from '../setup.module.css';

/** A dialog that is asked for. */
export type VaultAct =
  | { readonly kind: 'answer' }
  | { readonly kind: 'set'; readonly name: string | null }
  | { readonly kind: 'remove'; readonly name: string; readonly usedBy: readonly string[] }
  | { readonly kind: 'seal'; readonly name: string }
  | { readonly kind: 'open' | 'ask'; readonly name: string; readonly holders: readonly string[] };

export interface CredentialTableProps {
  readonly vault: VaultState;
  readonly onAct: (act: VaultAct) => void;
}

/** What is missing stands first: a connection waits for it. */
export function CredentialTable({ vault, onAct }: CredentialTableProps) {
  const t = useText();
  const now = useNow(10_000);
  const { nameOf } = useRights();
  const refusals = { act: useRefusal('act'), administer: useRefusal('administer') };
  const button = (right: 'act' | 'administer', words: TextId, named: string, act: VaultAct) => (
    <Button
      size="s"
      aria-label={`${t(words)} ${named}`}
      aria-disabled={refusals[right] !== null}
      title={refusals[right] ?? undefined}
      onClick={() => refusals[right] === null && onAct(act)}
    >
      {t(words)}
    </Button>
  );
  return (
    <Table label={t('vault.credentials')}>
      <thead>
        <tr>
          <Th>{t('vault.name')}</Th>
          <Th>{t('vault.state')}</Th>
          <Th>{t('vault.usedBy')}</Th>
          <Th>
            <span className="visually-hidden">{t('vault.actions')}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {vault.missing.map((name) => (
          <Line
            key={`missing ${name}`}
            name={name}
            usedBy={null}
            state={<StatusPill tint="amber">{t('vault.missing')}</StatusPill>}
          >
            {button('administer', 'vault.set', name, { kind: 'set', name })}
          </Line>
        ))}
        {vault.sealed.map(({ name, holders, openUntilMs, usedBy, sealedAtMs }) => {
          const open = openUntilMs !== null && openUntilMs > now;
          return (
            <Line
              key={`sealed ${name}`}
              name={name}
              usedBy={usedBy}
              state={
                <>
                  <StatusPill tint={open ? 'blue' : 'neutral'} icon={open ? LockKeyholeOpen : LockKeyhole}>
                    {open ? t('vault.openUntil', { time: clockTime(openUntilMs) }) : t('vault.sealed')}
                  </StatusPill>
                  <span className={styles.hint}>
                    {t('vault.heldBy', { holders: holders.map(nameOf).join(', ') })} · <Time atMs={sealedAtMs} />
                  </span>
                </>
              }
            >
              {button('act', 'vault.openTogether', name, { kind: 'open', name, holders })}
              {button('act', 'vault.ask', name, { kind: 'ask', name, holders })}
              {button('administer', 'vault.remove', name, { kind: 'remove', name, usedBy })}
            </Line>
          );
        })}
        {vault.credentials.map(({ name, setAtMs, usedBy }) => (
          <Line
            key={`set ${name}`}
            name={name}
            usedBy={usedBy}
            state={
              <>
                <StatusPill tint="green" quiet>
                  {t('vault.isSet')}
                </StatusPill>{' '}
                <span className={styles.muted}>
                  <Time atMs={setAtMs} />
                </span>
              </>
            }
          >
            {button('administer', 'vault.replace', name, { kind: 'set', name })}
            {button('administer', 'vault.seal', name, { kind: 'seal', name })}
            {button('administer', 'vault.remove', name, { kind: 'remove', name, usedBy })}
          </Line>
        ))}
      </tbody>
    </Table>
  );
}

interface LineProps {
  readonly name: string;
  /** Null: the configuration asks for it. */
  readonly usedBy: readonly string[] | null;
  readonly state: ReactNode;
  readonly children: ReactNode;
}

function Line({ name, usedBy, state, children }: LineProps) {
  const t = useText();
  return (
    <Tr>
      <Th scope="row" className={styles.nameCell}>
        <Code>{name}</Code>
      </Th>
      <Td className={styles.wrap}>{state}</Td>
      <Td className={styles.wrap}>
        {usedBy === null ? t('vault.wanted') : usedBy.length === 0 ? t('vault.unused') : usedBy.join(', ')}
      </Td>
      <Td className={styles.rowButtons}>{children}</Td>
    </Tr>
  );
}
