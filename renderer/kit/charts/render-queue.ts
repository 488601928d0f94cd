/** Runs one piece of work in a task of its own, soon. */
export type PostTask = (run: () => void) => void;

/**
 * Lets every chart render in a task of its own, so that twelve charts with a new point each never make one long task.
 * Work is named by its owner: what a newer piece replaces is never run.
 */
export interface RenderQueue {
  put(owner: object, run: () => void): void;
  remove(owner: object): void;
}

export function createRenderQueue(post: PostTask): RenderQueue {
  const waiting = new Map<object, () => void>();
  let posted = false;

  const next = () => {
    posted = false;
    const first = waiting.entries().next();
    if (first.done) return;
    const [owner, run] = first.value;
    waiting.delete(owner);
    try {
      run();
    } finally {
      ask();
    }
  };
  const ask = () => {
    if (posted || waiting.size === 0) return;
    posted = true;
    post(next);
  };

  return {
    put: (owner, run) => {
      waiting.set(owner, run);
      ask();
    },
    remove: (owner) => {
      waiting.delete(owner);
    },
  };
}

/** A macrotask that yields to input and painting first, and is not throttled as timers are. */
function browserPost(): PostTask {
  const channel = new MessageChannel();
  let run: (() => void) | null = null;
  channel.port1.onmessage = () => {
    const own = run;
    run = null;
    own?.();
  };
  return (next) => {
    run = next;
    // After the frame that is due: rendering and painting of the chart before it is a task of its own, too.
    requestAnimationFrame(() => channel.port2.postMessage(null));
    if (document.hidden) channel.port2.postMessage(null);
  };
}

export const renderQueue: RenderQueue = createRenderQueue(browserPost());
