/** Open dialogs, the topmost last. "Unlock" may stand above any other, which must stay as it is. */
const stack: string[] = [];
/** Presses that have closed a dialog: one press never closes two. */
const spent = new WeakSet<Event>();

/** Returns what takes it off again. */
export function pushDialog(id: string): () => void {
  stack.push(id);
  return () => {
    const at = stack.lastIndexOf(id);
    if (at >= 0) stack.splice(at, 1);
  };
}

/** Whether this press closes this dialog: Esc and a press outside mean the topmost alone. */
export function mayClose(id: string, press: Event): boolean {
  if (stack.at(-1) !== id || spent.has(press)) return false;
  spent.add(press);
  return true;
}
