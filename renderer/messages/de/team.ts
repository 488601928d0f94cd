import type { team as source } from '../en/team.ts';
import type { Texts } from '../texts.ts';

export const team: Texts<typeof source> = {
  'team.synced': 'Team-Speicher: abgeglichen {when}',
  'team.justNow': 'gerade eben',
  'team.away':
    'Team-Speicher: weg seit {time}, {waiting, plural, =0 {nichts wartet} one {# Eintrag wartet} other {# Einträge warten}}',
  'team.awayNever':
    'Team-Speicher: noch nicht erreicht, {waiting, plural, =0 {nichts wartet} one {# Eintrag wartet} other {# Einträge warten}}',
  'team.connecting': 'Team-Speicher: verbindet',
  'team.here': 'Wer noch da ist',
  'team.somebody': 'jemand',
  'team.more': '{count, number} weitere',
  'team.title': 'Team-Speicher',
  'team.none': 'Kein Team-Speicher',
  'team.noneHint':
    'Diese Konsole behält ihr Protokoll für sich. Mit teamStore in scram.yaml teilen sich mehrere Konsolen ein Protokoll über eine PostgreSQL-Datenbank, und jede arbeitet allein weiter, solange sie weg ist.',
  'team.failed': 'Der Zustand des Team-Speichers konnte nicht gelesen werden',
  'team.state': 'Zustand',
  'team.state.none': 'keiner',
  'team.state.connecting': 'verbindet',
  'team.state.synced': 'abgeglichen',
  'team.state.away': 'weg',
  'team.lastSync': 'Zuletzt abgeglichen',
  'team.never': 'nie',
  'team.waiting': 'Wartet',
  'team.waitingText': '{count, plural, =0 {nichts} one {# Eintrag dieser Konsole} other {# Einträge dieser Konsole}}',
  'team.consoles': 'Konsolen',
  'team.consolesText': '{count, plural, one {# Kette} other {# Ketten}}',
  'team.quarantined': '{count, plural, one {# Eintrag beiseitegelegt} other {# Einträge beiseitegelegt}}',
  'team.presence': 'Jetzt da',
  'team.presenceNone': 'sonst niemand',
  'team.syncNow': 'Jetzt abgleichen',
  'team.syncFailed': 'Es wurde nicht abgeglichen',
};
