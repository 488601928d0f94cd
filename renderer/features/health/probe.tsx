import type { ProbeReport } from '../../../shared/model/probe.ts';
import { Code, durationText, ErrorState, StatusPill } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './health.module.css';

/** What a connection says of itself when it was tried out: nothing was written. */
export function Probe({ report }: { readonly report: ProbeReport }) {
  const t = useText();
  const { ok, canRead, canWrite, latencyMs, clockSkewMs, detail, fields } = report;
  const said = (can: boolean | null) =>
    t(can === null ? 'health.probeUnknown' : can ? 'health.probeYes' : 'health.probeNo');
  return (
    <section role="status" aria-label={t('health.probe')} className={styles.probe}>
      <p className={styles.probeHead}>
        <StatusPill tint={ok ? 'green' : 'red'}>{t(ok ? 'health.probeOk' : 'health.probeBad')}</StatusPill>
        <span>{detail}</span>
      </p>
      <dl className={styles.probeFacts}>
        <Fact name={t('health.probeRead')}>{said(canRead)}</Fact>
        <Fact name={t('health.probeWrite')}>{said(canWrite)}</Fact>
        <Fact name={t('health.probeLatency')}>{`${Math.round(latencyMs)} ms`}</Fact>
        <Fact name={t('health.probeSkew')}>
          {clockSkewMs === null ? t('health.probeUnknown') : skewText(clockSkewMs)}
        </Fact>
      </dl>
      {fields.length === 0 ? null : (
        <ul className={styles.probeFields}>
          {fields.map((field) => (
            <li key={`${field.name} ${field.source}`}>
              <StatusPill tint={field.problem === null ? 'green' : 'red'} quiet>
                {field.name}
              </StatusPill>
              {field.source === null ? null : <Code>{field.source}</Code>}
              <span>{field.problem ?? field.value}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function skewText(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${durationText(Math.abs(ms))}`;
}

function Fact({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function ProbeFailure({ message }: { readonly message: string }) {
  const t = useText();
  return <ErrorState title={t('health.probeBad')} detail={message} />;
}
