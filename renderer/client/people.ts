import type { PeopleState, Right } from '../../shared/model/operator.ts';
import { useStream } from './hooks.tsx';

export interface Rights {
  /** Undefined until the back end has said it. */
  readonly people: PeopleState | undefined;
  /** What the page offers; the back end decides by itself (D5). */
  may(right: Right): boolean;
  /** Somebody has to unlock the console before anything but looking is possible. */
  readonly locked: boolean;
  /** Name of a person of the roster; their id where the roster does not know them. */
  nameOf(operator: string): string;
}

/** Who is at the console, and what they may do now. */
export function useRights(): Rights {
  const people = useStream('people.watch', {}).data;
  return {
    people,
    may: (right) => people?.rights.includes(right) ?? false,
    locked: people?.enforced === true && people.me === null,
    nameOf: (operator) => people?.roster.operators.find(({ id }) => id === operator)?.name ?? operator,
  };
}
