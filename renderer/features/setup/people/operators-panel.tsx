import { KeyRound, UserPlus } from 'lucide-react';
import { useState } from 'react';
import type { PeopleState } from '../../../../shared/model/operator.ts';
import { useStream } from '../../../client/index.ts';
import {
  Badge,
  Button,
  Code,
  EmptyState,
  Panel,
  Skeleton,
  StatusPill,
  Table,
  Td,
  Th,
  Time,
  Tr,
} from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';
import { EnrolDialog } from './enrol-dialog.tsx';
import { RemoveKey, UnlistedKeys } from './keys-here.tsx';
import { UnsignedRoster } from './unsigned-roster.tsx';

/** Who may do what by the roster in force, which keys are whose, and what nobody has signed yet (D5). */
export function OperatorsPanel() {
  const t = useText();
  const { data, error, status, receivedAtMs } = useStream('people.watch', {});
  const [enrolling, setEnrolling] = useState(false);
  const stale = status === 'stale' || (status === 'error' && data !== undefined);
  return (
    <Panel
      title={t('setup.operators')}
      flush
      stale={stale}
      asOfMs={stale ? receivedAtMs : null}
      actions={
        <Button size="s" icon={UserPlus} onClick={() => setEnrolling(true)}>
          {t('setup.enrol')}
        </Button>
      }
    >
      {data ? (
        <Roster people={data} />
      ) : error ? (
        <Failed title={t('setup.operatorsFailed')} error={error} />
      ) : (
        <div className={styles.padded}>
          <Skeleton lines={4} height={18} />
        </div>
      )}
      {enrolling ? <EnrolDialog onClose={() => setEnrolling(false)} /> : null}
    </Panel>
  );
}

function Roster({ people }: { readonly people: PeopleState }) {
  const t = useText();
  const { roster, enforced } = people;
  const nameOf = (id: string) => roster.operators.find((each) => each.id === id)?.name ?? id;
  return (
    <>
      {enforced ? null : (
        <EmptyState icon={KeyRound} title={t('setup.nobody')}>
          {t('setup.nobodyHint')}
        </EmptyState>
      )}
      {roster.version > 0 || roster.pinned !== null ? (
        <dl className={styles.facts}>
          <div>
            <dt>{t('setup.rosterInForce')}</dt>
            <dd>
              {roster.version === 0 ? t('setup.rosterNone') : t('setup.rosterVersion', { version: roster.version })}
              {roster.signedBy === null ? null : (
                <span className={styles.muted}>
                  {' '}
                  {t('setup.rosterSignedBy', { person: nameOf(roster.signedBy.operator) })}{' '}
                  {roster.signedAtMs === null ? null : <Time atMs={roster.signedAtMs} />}
                </span>
              )}
            </dd>
          </div>
          {roster.pinned === null ? null : (
            <div>
              <dt>{t('setup.pinned')}</dt>
              <dd>
                <span className={styles.fingerprint}>{roster.pinned}</span>
                <span className={styles.hint}>{t('setup.pinnedHint')}</span>
              </dd>
            </div>
          )}
        </dl>
      ) : null}
      {roster.problem === null ? null : (
        <p className={styles.padded}>
          <StatusPill tint="red">{roster.problem}</StatusPill>
        </p>
      )}
      {roster.operators.length === 0 ? null : (
        <Table label={t('setup.operators')}>
          <thead>
            <tr>
              <Th>{t('setup.person')}</Th>
              <Th>{t('setup.roles')}</Th>
              <Th>{t('setup.personKeys')}</Th>
            </tr>
          </thead>
          <tbody>
            {roster.operators.map((operator) => (
              <Tr key={operator.id}>
                <Th scope="row">
                  {operator.name} <span className={styles.muted}>{operator.id}</span>
                </Th>
                <Td>
                  <span className={styles.badges}>
                    {operator.roles.map((role) => (
                      <Badge key={role}>{t(`people.role.${role}`)}</Badge>
                    ))}
                  </span>
                </Td>
                <Td>
                  {operator.keys.length === 0 ? (
                    <StatusPill tint="grey" quiet>
                      {t('setup.noKey')}
                    </StatusPill>
                  ) : (
                    <ul className={styles.keyList}>
                      {operator.keys.map((key) => (
                        <li key={key.id} title={key.text}>
                          <Code>{key.id}</Code>
                          {key.here ? (
                            <KeyHere operator={operator} people={people} />
                          ) : (
                            <span className={styles.muted}>{t('setup.keyOn', { device: key.device.slice(0, 8) })}</span>
                          )}
                        </li>
                      ))}
                    </ul>
                  )}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      <UnlistedKeys people={people} />
      <UnsignedRoster roster={roster} />
      {enforced ? <p className={styles.foot}>{t('setup.revoke')}</p> : null}
    </>
  );
}

interface KeyHereProps {
  readonly operator: { readonly id: string; readonly name: string };
  readonly people: PeopleState;
}

/** A key that was made on this console, and is still on it unless it was taken off. */
function KeyHere({ operator, people }: KeyHereProps) {
  const t = useText();
  const held = people.unlockable.some((one) => one.operator === operator.id && one.inRoster);
  if (!held) return <span className={styles.muted}>{t('setup.keyGone')}</span>;
  return (
    <>
      <Badge>{t('setup.keyHere')}</Badge>
      <RemoveKey operator={operator.id} name={operator.name} />
    </>
  );
}
