/**
 * Runs what shares a key one after the other, in the order it was asked for. For sources that have no precondition of
 * their own: between the look at what is there and the write no other write of this console comes in.
 */
export function createTurns(): <T>(key: string, run: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, run) => {
    const before = last.get(key) ?? Promise.resolve();
    const own = before.then(run, run);
    const settled = own.then(
      () => undefined,
      () => undefined,
    );
    last.set(key, settled);
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    return own;
  };
}
