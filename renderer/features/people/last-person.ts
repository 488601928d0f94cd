/** Who unlocked this console last: a convenience of the page, which names nobody to the back end. */
const KEY = 'scram.person';

export function rememberPerson(operator: string): void {
  try {
    localStorage.setItem(KEY, operator);
  } catch {
    // Storage refused: the first of the list is offered next time.
  }
}

/** The one of these people who unlocked it last; the first when that is nobody of them, null when there is none. */
export function rememberedPerson(people: readonly { readonly operator: string }[]): string | null {
  let last: string | null = null;
  try {
    last = localStorage.getItem(KEY);
  } catch {
    // Storage refused: see above.
  }
  return (people.find(({ operator }) => operator === last) ?? people[0])?.operator ?? null;
}
