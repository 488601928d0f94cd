/** Values by flag, for each connection and environment. */
export class ByArea<T> {
  readonly #areas = new Map<string, Map<string, T>>();

  of(connection: string, environment: string): Map<string, T> {
    const id = JSON.stringify([connection, environment]);
    const known = this.#areas.get(id);
    if (known) return known;
    const made = new Map<string, T>();
    this.#areas.set(id, made);
    return made;
  }
}
