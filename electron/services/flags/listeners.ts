import type { Disposable } from '../ports.ts';

/** Listeners by topic. */
export class Listeners<Topic, Args extends unknown[]> {
  readonly #byTopic = new Map<Topic, Set<(...args: Args) => void>>();

  on(topic: Topic, listener: (...args: Args) => void): Disposable {
    const own = (...args: Args) => listener(...args);
    const listeners = this.#byTopic.get(topic) ?? new Set();
    this.#byTopic.set(topic, listeners.add(own));
    return {
      dispose: () => {
        listeners.delete(own);
        if (listeners.size === 0 && this.#byTopic.get(topic) === listeners) this.#byTopic.delete(topic);
      },
    };
  }

  has(topic: Topic): boolean {
    return this.#byTopic.has(topic);
  }

  emit(topic: Topic, ...args: Args): void {
    for (const listener of [...(this.#byTopic.get(topic) ?? [])]) listener(...args);
  }

  clear(): void {
    this.#byTopic.clear();
  }
}
