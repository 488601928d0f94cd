import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagState } from '../../../../shared/model/flag.ts';
import type { JsonValue } from '../../../../shared/model/json.ts';
import type { FlagHints, PlannedWrite, ProviderFlag } from '../../../services/flags/provider.ts';
import { noSafeVariant } from '../shared/safe-variant.ts';
import { type Definition, definitionSchema, readDefinition, revisionOf, type Strategy } from './definition.ts';
import { safeOf, stateOf } from './normalise.ts';
import { enabledOf, isConstrained, servingOf } from './serving.ts';

/** What is to be written: the environment's switch alone, or what its definition is to be. Only what differs is sent. */
export const writeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('switch'), enabled: z.boolean() }),
  z.strictObject({
    kind: z.literal('define'),
    ...definitionSchema.pick({ enabled: true, strategies: true, variants: true }).shape,
  }),
]);
export type Write = z.infer<typeof writeSchema>;

export interface Planner {
  readonly hintsOf: (key: string) => FlagHints;
  readonly nameOf: (segment: number) => string;
}

/** Marks the strategy that a kill adds, for whoever looks at the flag in Unleash. */
const KILL_TITLE = 'Killed: everyone (Scram)';

/** The definition after a write. */
export function after(definition: Definition, write: Write): Definition {
  if (write.kind === 'switch') return { ...definition, enabled: write.enabled };
  const { enabled, strategies, variants } = write;
  return { ...definition, enabled, strategies, variants };
}

/** `off` is served to everyone by the environment's switch; `on` by a strategy that everyone matches. */
export function planKill(flag: ProviderFlag, planner: Planner): PlannedWrite {
  const safe = flag.safeDefault;
  if (safe !== 'on' && safe !== 'off') throw noSafeVariant(flag.key, flag.variants);
  const definition = readDefinition(flag.definition, flag.key);
  if (safe === 'off') {
    return planned(flag, definition, { kind: 'switch', enabled: false }, planner, childrenWords(definition, 'off'));
  }
  refuseParents(flag, definition);
  // Switching on is enough only where a strategy serves everyone: Unleash adds one of its own only when none counts.
  const onAlone = enabledOf(definition).length > 0 && servingOf({ ...definition, enabled: true }).certain;
  const write: Write = onAlone
    ? { kind: 'switch', enabled: true }
    : {
        kind: 'define',
        enabled: true,
        strategies: [...definition.strategies, everyone(flag.key)],
        variants: definition.variants,
      };
  return planned(flag, definition, write, planner, childrenWords(definition, 'on'));
}

function everyone(key: string): Strategy {
  return {
    name: 'flexibleRollout',
    title: KILL_TITLE,
    disabled: false,
    parameters: { groupId: key, rollout: '100', stickiness: 'default' },
    constraints: [],
    variants: [],
    segments: [],
  };
}

export function planRestore(
  flag: ProviderFlag,
  earlier: { definition: JsonValue; state: FlagState },
  planner: Planner,
): PlannedWrite {
  const present = readDefinition(flag.definition, flag.key);
  const { enabled, strategies, variants, dependencies } = readDefinition(earlier.definition, flag.key);
  const notes =
    revisionOf({ ...present, dependencies }) === revisionOf(present)
      ? []
      : ['The flags that it depends on have changed since; they hold for every environment and stay as they are now.'];
  if (enabled && !present.enabled && enabledOf({ strategies }).length === 0) {
    throw new ScramError(
      'refused',
      `${flag.key} was on with no strategy that counts; Unleash cannot be brought back to that, it would add one for everyone`,
      { action: 'Set up the strategies in Unleash and switch it on there.' },
    );
  }
  const same = revisionOf({ ...present, enabled }) === revisionOf({ ...present, enabled, strategies, variants });
  const write: Write = same ? { kind: 'switch', enabled } : { kind: 'define', enabled, strategies, variants };
  return planned(flag, present, write, planner, [...notes, ...childrenWords(present, enabled ? 'on' : 'off')]);
}

/** Sets the share of the only strategy that counts, and switches the environment on when it is off. */
export function planRollout(flag: ProviderFlag, percentage: number, planner: Planner): PlannedWrite {
  const { key, safeDefault: safe } = flag;
  if (safe !== 'on' && safe !== 'off') throw noSafeVariant(key, flag.variants);
  if (!Number.isInteger(percentage) || percentage < 0 || percentage > 100) {
    throw new ScramError('refused', `Unleash divides users into hundredths: ${percentage} % cannot be set`, {
      action: 'Choose a whole number from 0 to 100.',
    });
  }
  const definition = readDefinition(flag.definition, key);
  const counting = enabledOf(definition);
  const [only] = counting;
  if (only === undefined || counting.length > 1 || only.name !== 'flexibleRollout') {
    const found =
      only === undefined
        ? 'none that counts'
        : counting.length > 1
          ? `${counting.length} that count (${counting.map(({ name }) => name).join(', ')})`
          : `a strategy ${only.name}`;
    throw new ScramError('refused', `${key} has no single gradual rollout whose share could be set: it has ${found}`, {
      action: 'Set up one gradual rollout (flexibleRollout) in Unleash, or change the flag there.',
    });
  }
  const share = String(safe === 'off' ? percentage : 100 - percentage);
  const strategies = definition.strategies.map((strategy) =>
    strategy === only ? { ...strategy, parameters: { ...strategy.parameters, rollout: share } } : strategy,
  );
  const notes = isConstrained(only) ? ['The share holds among those whom the strategy’s conditions let through.'] : [];
  const write: Write = { kind: 'define', enabled: true, strategies, variants: definition.variants };
  return planned(flag, definition, write, planner, notes);
}

function planned(
  flag: ProviderFlag,
  present: Definition,
  write: Write,
  { hintsOf, nameOf }: Planner,
  notes: readonly string[],
): PlannedWrite {
  const definition = after(present, write);
  const state = stateOf(definition, safeOf(hintsOf(flag.key)), revisionOf(definition), nameOf);
  return { write, after: state, definitionAfter: definition, ...(notes.length === 0 ? {} : { notes }) };
}

/** A flag that is only on while another is on cannot be switched on for everyone by itself. */
function refuseParents({ key }: ProviderFlag, { dependencies }: Definition): void {
  const [parent] = dependencies;
  if (parent === undefined) return;
  throw new ScramError(
    'refused',
    `${key} is on only while ${parent.feature} is ${parent.enabled ? 'on' : 'off'}: it cannot be switched on for everyone by itself`,
    { action: `Kill by ${parent.feature}, or take the dependency away in Unleash.` },
  );
}

const MOST_NAMED = 5;

function childrenWords({ children }: Definition, to: 'on' | 'off'): string[] {
  if (children.length === 0) return [];
  const named = children.slice(0, MOST_NAMED).join(', ');
  const more = children.length > MOST_NAMED ? ` and ${children.length - MOST_NAMED} more` : '';
  return [
    to === 'off'
      ? `Flags that depend on it are served as off too: ${named}${more}.`
      : `Flags that depend on it follow their own rules again, or change with it: ${named}${more}.`,
  ];
}
