import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '../../../../shared/model/json.ts';
import type { StrategyAnswer } from './answers.ts';
import { type Definition, inOrder, type Strategy, strategyOf } from './definition.ts';

/** One operation of JSON Patch (RFC 6902). */
interface PatchOperation {
  readonly op: 'test' | 'add';
  readonly path: string;
  readonly value: JsonValue;
}

/** One request of a write. */
export type Step =
  | { readonly kind: 'switch'; readonly enabled: boolean }
  | { readonly kind: 'patch'; readonly id: string; readonly patch: readonly PatchOperation[] }
  | { readonly kind: 'add'; readonly strategy: Strategy; readonly sortOrder: number }
  | { readonly kind: 'remove'; readonly id: string }
  /** Indexes of `added` strategies stand for their ids, which are known when they have been added. */
  | { readonly kind: 'order'; readonly ids: readonly (string | { readonly added: number })[] }
  | { readonly kind: 'variants'; readonly variants: Definition['variants'] };

type Target = Pick<Definition, 'enabled' | 'strategies' | 'variants'>;

/**
 * The requests that turn what is there into `target`, only for what differs, in an order that never lets Unleash do more
 * than asked: it switches the environment off when its last counting strategy goes, and adds one for everyone when it is
 * switched on with none. So `off` comes first, then strategies that begin to count, then those that cease to, `on` last.
 */
export function stepsTo(target: Target, present: Definition, answers: readonly StrategyAnswer[]): Step[] {
  const there = inOrder(answers).map((answer) => ({ id: answer.id, strategy: strategyOf(answer) }));
  const matches = match(target.strategies, there);
  const kept = new Set(matches.filter((found) => found !== null).map(({ id }) => id));

  const patches = target.strategies.flatMap((wanted, index): Patched[] => {
    const found = matches[index] ?? null;
    const patch = found === null ? [] : patchOf(found.strategy, wanted);
    return found === null || patch.length === 0 ? [] : [{ id: found.id, patch, ceases: wanted.disabled }];
  });
  const patchStep = ({ id, patch }: Patched): Step => ({ kind: 'patch', id, patch });
  const after = there.length === 0 ? 0 : Math.max(...answers.map(({ sortOrder }) => sortOrder ?? 0)) + 1;
  const added = target.strategies.filter((_, index) => matches[index] === null);
  const strategySteps: Step[] = [
    ...patches.filter(({ ceases }) => !ceases).map(patchStep),
    ...added.map((strategy, index): Step => ({ kind: 'add', strategy, sortOrder: after + index })),
    ...patches.filter(({ ceases }) => ceases).map(patchStep),
    ...there.filter(({ id }) => !kept.has(id)).map(({ id }): Step => ({ kind: 'remove', id })),
    ...orderOf(
      target,
      matches,
      there.filter(({ id }) => kept.has(id)).map(({ id }) => id),
    ),
  ];
  const variantSteps: Step[] = isDeepStrictEqual(target.variants, present.variants)
    ? []
    : [{ kind: 'variants', variants: target.variants }];
  return [
    ...(present.enabled && !target.enabled ? [{ kind: 'switch', enabled: false } as const] : []),
    ...strategySteps,
    ...variantSteps,
    ...(!present.enabled && target.enabled ? [{ kind: 'switch', enabled: true } as const] : []),
  ];
}

interface There {
  readonly id: string;
  readonly strategy: Strategy;
}
interface Patched {
  readonly id: string;
  readonly patch: readonly PatchOperation[];
  /** It does not count afterwards. */
  readonly ceases: boolean;
}

/** For each wanted strategy the one that it becomes of: the same, else one of its kind and title, else of its kind. */
function match(wanted: readonly Strategy[], there: readonly There[]): (There | null)[] {
  const free = new Set(there);
  const found: (There | null)[] = wanted.map(() => null);
  const rules: ((a: Strategy, b: Strategy) => boolean)[] = [
    (a, b) => isDeepStrictEqual(a, b),
    (a, b) => a.name === b.name && a.title === b.title,
    (a, b) => a.name === b.name,
  ];
  for (const alike of rules) {
    wanted.forEach((strategy, index) => {
      if (found[index] !== null) return;
      for (const candidate of free) {
        if (!alike(strategy, candidate.strategy)) continue;
        free.delete(candidate);
        found[index] = candidate;
        return;
      }
    });
  }
  return found;
}

const FIELDS = ['title', 'disabled', 'parameters', 'constraints', 'variants', 'segments'] as const;

/** Fields that differ, each tested to be what was read: whoever changes one in between is not overwritten. */
function patchOf(present: Strategy, wanted: Strategy): PatchOperation[] {
  const tests: PatchOperation[] = [];
  const changes: PatchOperation[] = [];
  for (const field of FIELDS) {
    if (isDeepStrictEqual(present[field], wanted[field])) continue;
    const path = `/${field}`;
    // A title that is not there cannot be tested; one that was there can only be emptied.
    if (field === 'title') {
      if (present.title !== null) tests.push({ op: 'test', path, value: present.title });
      changes.push({ op: 'add', path, value: wanted.title ?? '' });
    } else {
      tests.push({ op: 'test', path, value: present[field] });
      changes.push({ op: 'add', path, value: wanted[field] });
    }
  }
  return [...tests, ...changes];
}

function orderOf({ strategies }: Target, matches: readonly (There | null)[], kept: readonly string[]): Step[] {
  let added = 0;
  const ids = strategies.map((_, index) => matches[index]?.id ?? { added: added++ });
  // What is added comes last by itself, in order.
  const natural = [...kept, ...Array.from({ length: added }, (_, index) => ({ added: index }))];
  return isDeepStrictEqual(ids, natural) ? [] : [{ kind: 'order', ids }];
}
