import type { EntryData } from '../../../shared/model/entry.ts';
import type { Translate } from '../../messages/index.ts';

const short = (hash: string): string => hash.slice(0, 8);

/** One entry as a sentence in the operator's language (H2). */
export function entryText(t: Translate, data: EntryData): string {
  const share = (percentage: number | null) => (percentage === null ? t('ledger.unknown') : `${percentage} %`);
  switch (data.kind) {
    case 'device.created':
      return t('ledger.device.created');
    case 'console.started':
      return t('ledger.console.started', { host: data.host, version: data.version });
    case 'config.loaded':
      return t('ledger.config.loaded', { source: data.source });
    case 'flag.seen-changed': {
      const { subject, environment, fromPercentage, toPercentage } = data.marker;
      const [from, to] = [share(fromPercentage), share(toPercentage)];
      return t('ledger.flag.seen-changed', { flag: subject, environment, from, to });
    }
    case 'change.proposed': {
      const { action, flag, environment } = data.change.payload;
      return t(`ledger.change.proposed.${action}`, { flag, environment });
    }
    case 'change.intent':
      return t('ledger.change.intent', { hash: short(data.hash) });
    case 'change.result': {
      const params = { hash: short(data.hash), outcome: t(`ledger.outcome.${data.outcome}`) };
      const text = t(data.reconciled ? 'ledger.change.result.reconciled' : 'ledger.change.result', params);
      return data.detail === null ? text : `${text}: ${data.detail}`;
    }
    case 'change.served':
      return t('ledger.change.served', { hash: short(data.hash) });
    case 'change.observed':
      return t('ledger.change.observed', { hash: short(data.hash), count: data.observations.length });
    case 'change.recovery': {
      const { sli, verdict } = data.recovery;
      return t('ledger.change.recovery', { hash: short(data.hash), sli, verdict: t(`ledger.verdict.${verdict}`) });
    }
    case 'batch.proposed': {
      const { name, environment, changes } = data.batch;
      return t('ledger.batch.proposed', { name, environment, count: changes.length });
    }
    case 'batch.began':
    case 'batch.ended':
      return t(`ledger.${data.kind}`, { hash: short(data.hash) });
    case 'drift.began':
      return t('ledger.drift.began', { flag: data.flag, environment: data.environment, detail: data.detail });
    case 'drift.ended':
      return t('ledger.drift.ended', { flag: data.flag, environment: data.environment });
    case 'breach.began':
      return t('ledger.breach.began', { sli: data.sli, value: data.value, objective: data.objective });
    case 'breach.ended':
      return t('ledger.breach.ended', { sli: data.sli, value: data.value });
  }
}
