import type { ReactNode } from 'react';
import type { Flag } from '../../../shared/model/flag.ts';
import { Badge, Code, StatusPill, Time, useNow } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './flag-page.module.css';

/** What is known of the flag beside its state (B1). */
export function FlagFacts({ flag }: { readonly flag: Flag }) {
  const t = useText();
  const now = useNow(60_000);
  const unknown = t('flags.noneKnown');
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('flags.owner'), flag.owner ?? unknown],
    [t('flags.services'), flag.services.length > 0 ? flag.services.join(', ') : unknown],
    [t('flags.connection'), <Code key="c">{flag.connection}</Code>],
    [t('flags.polarity'), t(`flags.polarity.${flag.polarity}`)],
    [t('flags.variants'), <Variants key="v" flag={flag} />],
    [t('flags.fallback'), flag.fallback ?? unknown],
    [t('flags.failState'), flag.failState === null ? unknown : t(`flags.failState.${flag.failState}`)],
    [
      t('flags.expires'),
      flag.expiresAtMs === null ? (
        t('flags.never')
      ) : (
        <>
          <Time atMs={flag.expiresAtMs} as="record" />{' '}
          {flag.expiresAtMs < now ? <StatusPill tint="amber">{t('flags.expired')}</StatusPill> : null}
        </>
      ),
    ],
    [t('flags.lastDrill'), flag.lastDrillAtMs === null ? t('flags.never') : <Time key="d" atMs={flag.lastDrillAtMs} />],
    [t('flags.tags'), flag.tags.length > 0 ? flag.tags.map((tag) => <Badge key={tag}>{tag}</Badge>) : t('flags.none')],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Variants({ flag }: { readonly flag: Flag }) {
  const t = useText();
  return (
    <ul className={styles.variants}>
      {flag.variants.map((variant) => (
        <li key={variant.name}>
          <Code strong>{variant.name}</Code> <Code>{JSON.stringify(variant.value)}</Code>{' '}
          {variant.name === flag.safeDefault ? <Badge>{t('flags.safeVariant')}</Badge> : null}
        </li>
      ))}
    </ul>
  );
}
