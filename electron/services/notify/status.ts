import type { Breach, Now } from '../../../shared/contract/slis.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { BreakGlassItem } from '../../../shared/model/approval.ts';
import type { FlagRow } from '../../../shared/model/flag.ts';
import type { Incident } from '../../../shared/model/incident.ts';
import type { NotifyMessage } from '../../../shared/model/notify.ts';
import type { Objective, SliUnit } from '../../../shared/model/sli.ts';
import { plainLines, utc } from '../../../shared/rules/notify-text.ts';
import type { Clock } from '../ports.ts';
import type { StatusInput, StatusUpdates } from './api.ts';
import { messageOf } from './message.ts';

/** What a status update is made from (A8): what happened, what is off, who acts, what next. */
export interface StatusFacts {
  readonly environment: string;
  /** The one that it is about; null: the environment as it stands. */
  readonly incident: Incident | null;
  /** Other open incidents of the environment. */
  readonly others: readonly Incident[];
  readonly killed: readonly Pick<FlagRow, 'key' | 'services' | 'changedAtMs'>[];
  readonly breaches: readonly Pick<Breach, 'sli' | 'value' | 'sinceMs'>[];
  readonly glass: readonly BreakGlassItem[];
  /** Names of those who act. */
  readonly people: readonly string[];
  readonly next: string;
  readonly atMs: number;
}

const MOST_LINES = 15;

export function statusMessage(facts: StatusFacts): NotifyMessage {
  const { environment, incident, others, killed, breaches, people, next, atMs, glass } = facts;
  const closed = incident !== null && incident.closedAtMs !== null;
  const title = incident === null ? `Status of ${environment}` : `Status of ${incident.title} (${environment})`;
  const open = glass.filter(({ state }) => state === 'open');
  return messageOf({
    event: 'status',
    title,
    severity: breaches.length > 0 || (incident !== null && !closed) ? 'warning' : 'info',
    facts: [
      ['What happened', happened(facts)],
      ['Burning', breaches.length === 0 ? 'nothing that is measured' : list(breaches.map(breachWords))],
      ['Off', killed.length === 0 ? 'nothing: no flag is killed' : list(killed.map(killedWords))],
      ['Also open', list(others.map((one) => one.title))],
      [
        'Break-glass',
        list(open.map(({ operatorName, glass: { untilMs } }) => `${operatorName}, until ${utc(untilMs)}`)),
      ],
      ['Who acts', people.length === 0 ? 'nobody is named' : list(people)],
      ['What next', plainLines(next) === '' ? 'not said' : next.includes('\n') ? 'see below' : next],
    ],
    text: next.includes('\n') ? next : '',
    key: incident === null ? `status/${environment}` : `status/${incident.id}`,
    atMs,
  });
}

function happened({ incident, environment, atMs }: StatusFacts): string {
  if (incident === null) return `No incident is named; state of ${environment} as of ${utc(atMs)}`;
  const services = incident.services.length === 0 ? 'every service' : incident.services.join(', ');
  const since = `${incident.title}: open since ${utc(incident.openedAtMs)}, ${services}`;
  return incident.closedAtMs === null ? since : `${since}; closed ${utc(incident.closedAtMs)}`;
}

function breachWords({ sli, value, sinceMs }: StatusFacts['breaches'][number]): string {
  const bound = sli.objective === null ? '' : `, objective ${objectiveWords(sli.objective, sli.unit)}`;
  return `${sli.service} ${sli.name} at ${valueWords(value, sli.unit)}${bound}, since ${utc(sinceMs)}`;
}

function killedWords({ key, services, changedAtMs }: StatusFacts['killed'][number]): string {
  const where = services.length === 0 ? '' : ` (${services.join(', ')})`;
  return `${key}${where}${changedAtMs === null ? '' : ` since ${utc(changedAtMs)}`}`;
}

function objectiveWords(objective: Objective, unit: SliUnit): string {
  return 'below' in objective
    ? `below ${valueWords(objective.below, unit)}`
    : `above ${valueWords(objective.above, unit)}`;
}

const UNITS: Readonly<Record<SliUnit, string>> = {
  s: ' s',
  ms: ' ms',
  ratio: '',
  percent: ' %',
  per_second: '/s',
  count: '',
  bytes: ' bytes',
};
function valueWords(value: number, unit: SliUnit): string {
  return `${Number(value.toPrecision(4))}${UNITS[unit]}`;
}

function list(all: readonly string[]): string | null {
  if (all.length === 0) return null;
  const more = all.length - MOST_LINES;
  return all.slice(0, MOST_LINES).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

export interface StatusSources {
  readonly environments: readonly { readonly name: string }[];
  readonly clock: Pick<Clock, 'now'>;
  rows(environment: string): readonly FlagRow[];
  now(environment: string): Now;
  incidents(): readonly Incident[];
  glass(): readonly BreakGlassItem[];
  /** A person's name; their id when the roster does not know them. */
  nameOf(operator: string): string;
}

/** Builds status updates from what the console shows at the moment. */
export function createStatusUpdates(sources: StatusSources): StatusUpdates {
  return {
    message({ environment, incident: id, next, operator }: StatusInput) {
      if (!sources.environments.some(({ name }) => name === environment)) {
        const names = sources.environments.map(({ name }) => name).join(', ');
        throw new ScramError('not-found', `there is no environment ${environment}`, {
          action: `Choose one of: ${names}`,
        });
      }
      const all = sources.incidents().filter(({ environments }) => environments.includes(environment));
      const incident = id === null ? null : (all.find((one) => one.id === id) ?? null);
      if (id !== null && incident === null) {
        throw new ScramError('not-found', `there is no incident ${id} in ${environment}`);
      }
      const glass = sources.glass().filter((item) => item.glass.environment === environment);
      const acting = [
        ...(operator === null ? [] : [sources.nameOf(operator)]),
        ...(incident?.openedBy ? [sources.nameOf(incident.openedBy)] : []),
        ...glass.filter(({ state }) => state === 'open').map(({ operatorName }) => operatorName),
      ];
      return statusMessage({
        environment,
        incident,
        others: all.filter((one) => one.closedAtMs === null && one.id !== id),
        killed: sources.rows(environment).filter(({ killed }) => killed),
        breaches: sources.now(environment).breaches,
        glass,
        people: [...new Set(acting)],
        next,
        atMs: sources.clock.now(),
      });
    },
  };
}
