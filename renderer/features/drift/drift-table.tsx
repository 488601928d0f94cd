import { Fragment, useState } from 'react';
import { Link } from 'wouter';
import type { Drift, DriftPlace } from '../../../shared/model/drift.ts';
import { Button, Code, flagPath, StatusPill, Table, Td, Th, Time, Tr } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './drift.module.css';

export interface DriftTableProps {
  readonly drifts: readonly Drift[];
  readonly environment: string;
}

/** Intended, actual and observed beside each other; the places that disagree fold out. */
export function DriftTable({ drifts, environment }: DriftTableProps) {
  const t = useText();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Table label={t('drift.table', { environment })}>
      <thead>
        <tr>
          <Th>{t('drift.columnFlag')}</Th>
          <Th>{t('drift.columnIntended')}</Th>
          <Th>{t('drift.columnActual')}</Th>
          <Th>{t('drift.columnObserved')}</Th>
          <Th>{t('drift.columnSince')}</Th>
          <Th>
            <span className="visually-hidden">{t('drift.columnPlaces')}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {drifts.map((drift) => {
          const id = `${drift.connection}/${drift.flag}`;
          const shown = open === id;
          return (
            <Fragment key={id}>
              <Line drift={drift} shown={shown} onToggle={() => setOpen(shown ? null : id)} />
              {shown ? (
                <tr>
                  <td colSpan={6} className={styles.places}>
                    <Places places={drift.places} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          );
        })}
      </tbody>
    </Table>
  );
}

interface LineProps {
  readonly drift: Drift;
  readonly shown: boolean;
  readonly onToggle: () => void;
}

function Line({ drift, shown, onToggle }: LineProps) {
  const t = useText();
  const { connection, flag, intended, actual, places, disagreeing, sinceMs, overdue, providerDiffers } = drift;
  return (
    <Tr>
      <Th scope="row">
        <Link href={flagPath({ connection, key: flag })} className={styles.flag ?? ''}>
          <Code strong>{flag}</Code>
        </Link>{' '}
        <span className={styles.muted}>{connection}</span>
      </Th>
      <Td>
        <Side {...intended} />{' '}
        <span className={styles.muted}>{t(intended.source === 'change' ? 'drift.byChange' : 'drift.byProvider')}</span>
      </Td>
      <Td>
        <Side {...actual} />
        {providerDiffers ? (
          <>
            {' '}
            <StatusPill tint="red">{t('drift.providerDiffers')}</StatusPill>
          </>
        ) : null}
      </Td>
      <Td>
        {places.length === 0 ? (
          <span className={styles.muted}>{t('drift.notObserved')}</span>
        ) : (
          <StatusPill tint={disagreeing === 0 ? 'green' : overdue ? 'red' : 'amber'} quiet>
            {t('drift.observed', { agreeing: places.filter(({ agrees }) => agrees).length, count: places.length })}
          </StatusPill>
        )}
      </Td>
      <Td>
        <Time atMs={sinceMs} /> {overdue ? <StatusPill tint="red">{t('drift.overdue')}</StatusPill> : null}
      </Td>
      <Td>
        {places.length === 0 ? null : (
          <Button size="s" aria-expanded={shown} aria-label={t('drift.placesOf', { flag })} onClick={onToggle}>
            {t(shown ? 'drift.hide' : 'drift.show')}
          </Button>
        )}
      </Td>
    </Tr>
  );
}

interface SideProps {
  readonly variant: string | null;
  readonly percentage: number | null;
}

function Side({ variant, percentage }: SideProps) {
  const t = useText();
  return (
    <>
      {variant === null ? t('drift.noVariant') : <Code>{variant}</Code>}
      {percentage === null ? null : <span className={styles.muted}> {t('drift.share', { percentage })}</span>}
    </>
  );
}

/** Those that disagree first, by region. */
function Places({ places }: { readonly places: readonly DriftPlace[] }) {
  const t = useText();
  return (
    <ul className={styles.list}>
      {places.map((place) => (
        <li key={`${place.observer} ${place.instance} ${place.region}`}>
          <StatusPill tint={place.agrees ? 'green' : 'amber'} quiet>
            {t(place.agrees ? 'drift.agrees' : 'drift.disagrees')}
          </StatusPill>
          <Code>{place.instance}</Code>
          <span>{place.region ?? t('drift.noRegion')}</span>
          <span>{place.variant === null ? t('drift.noVariant') : <Code>{place.variant}</Code>}</span>
          <span className={styles.muted}>
            {t('drift.since')} <Time atMs={place.sinceMs} />
          </span>
        </li>
      ))}
    </ul>
  );
}
