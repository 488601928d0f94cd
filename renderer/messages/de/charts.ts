import type { charts as source } from '../en/charts.ts';
import type { Texts } from '../texts.ts';

export const charts: Texts<typeof source> = {
  'charts.line.all': 'alle',
  'charts.line.on': 'an',
  'charts.line.off': 'aus',
  'charts.breach': 'verletzt',
  'charts.below': 'Ziel unter {value}',
  'charts.above': 'Ziel über {value}',
  'charts.noObjective': 'kein Ziel',
  'charts.normally': 'sonst {value}',
  'charts.noData': 'Die Quelle antwortet und hat keine Messwerte',
  'charts.unknown': 'Noch nicht gelesen',
  'charts.error': 'Die Quelle antwortet nicht',
  'charts.flagChanged': 'Flag {subject} geändert um {time}{approximate, select, yes { oder früher} other {}}',
  'charts.deployed': 'Release {subject} um {time}{approximate, select, yes { oder früher} other {}}',
  'charts.state.ok': 'Innerhalb des Ziels',
  'charts.state.breached': 'Verletzt seit {duration}',
  'charts.state.no-data': 'Keine Daten',
  'charts.state.stale': 'Veraltet: es kommen keine Messwerte mehr',
  'charts.state.error': 'Die Quelle antwortet nicht',
  'charts.state.unknown': 'Unbekannt',
  'charts.summary.latest': 'Zuletzt {value} um {time}',
  'charts.summary.cohorts': 'Nutzer mit Flag an {on}, aus {off}',
};
