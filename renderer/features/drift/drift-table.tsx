import { Fragment, useState } from 'react';
import { Link } from 'wouter';
import type { Drift, DriftPlace } from '../../../shared/model/drift.ts';
import { useStream } from '../../client/index.ts';
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
  // The drift that has lasted longest shows its places until another is chosen.
  const [chosen, setOpen] = useState<string | null | undefined>(undefined);
  const [first] = drifts;
  const open = chosen === undefined && first ? `${first.connection}/${first.flag}` : chosen;
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
  const agreeing = places.filter(({ agrees }) => agrees).length;
  const unknown = places.filter((place) => place.unknown === true).length;
  const tint = disagreeing > 0 ? (overdue ? 'red' : 'amber') : unknown > 0 ? 'grey' : 'green';
  return (
    <Tr>
      <Th scope="row">
        <Link href={flagPath({ connection, key: flag })} className={styles.flag ?? ''}>
          <Code strong>{flag}</Code>
        </Link>{' '}
        <span className={styles.muted}>{connection}</span>
      </Th>
      <Td>
        <Side variant={intended.variant} percentage={intended.percentage} />
        <div className={styles.muted}>{t(intended.source === 'change' ? 'drift.byChange' : 'drift.byProvider')}</div>
      </Td>
      <Td>
        <Side variant={actual.variant} percentage={actual.percentage} />
        {providerDiffers ? (
          <>
            {' '}
            <StatusPill tint="red">{t('drift.providerDiffers')}</StatusPill>
          </>
        ) : null}
        <Changed {...actual} />
      </Td>
      <Td>
        {places.length === 0 ? (
          <span className={styles.muted}>{t('drift.notObserved')}</span>
        ) : (
          <StatusPill tint={tint} quiet>
            {t('drift.observed', { agreeing, count: places.length })}
            {unknown === 0 ? null : `, ${t('drift.observedUnknown', { count: unknown })}`}
          </StatusPill>
        )}
      </Td>
      <Td>
        <Time atMs={sinceMs} /> {overdue ? <StatusPill tint="red">{t('drift.overdue')}</StatusPill> : null}
      </Td>
      <Td>
        {places.length === 0 ? null : (
          <Button
            size="s"
            aria-expanded={shown}
            aria-label={t(shown ? 'drift.hideOf' : 'drift.placesOf', { flag })}
            onClick={onToggle}
          >
            {t(shown ? 'drift.hide' : 'drift.show')}
          </Button>
        )}
      </Td>
    </Tr>
  );
}

/** Who last changed it at the provider, and when. */
function Changed({ changedAtMs, changedBy }: Drift['actual']) {
  const t = useText();
  const device = useStream('console.watch', {}).data?.device;
  if (changedAtMs == null) return null;
  return (
    <div className={styles.muted}>
      {changedBy == null
        ? t('drift.changedWhen')
        : t('drift.changedBy', { who: changedBy === device ? t('drift.thisConsole') : changedBy })}{' '}
      <Time atMs={changedAtMs} />
    </div>
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
      {percentage === null ? null : <div className={styles.muted}>{t('drift.share', { percentage })}</div>}
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
          {place.unknown === true ? (
            <StatusPill tint="grey" quiet>
              {t('drift.unknown')}
            </StatusPill>
          ) : (
            <StatusPill tint={place.agrees ? 'green' : 'amber'} quiet>
              {t(place.agrees ? 'drift.agrees' : 'drift.disagrees')}
            </StatusPill>
          )}
          <span>{place.region ?? t('drift.noRegion')}</span>
          <Code>{place.instance}</Code>
          <span>{place.variant === null ? t('drift.noVariant') : <Code>{place.variant}</Code>}</span>
          <span className={styles.muted}>
            {t('drift.since')} <Time atMs={place.sinceMs} />
          </span>
        </li>
      ))}
    </ul>
  );
}
