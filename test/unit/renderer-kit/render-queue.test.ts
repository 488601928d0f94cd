import { describe, expect, it } from 'vitest';
import { createRenderQueue } from '../../../renderer/kit/charts/render-queue.ts';

function manual() {
  const tasks: (() => void)[] = [];
  return { post: (run: () => void) => tasks.push(run), tasks, run: () => tasks.shift()?.() };
}

describe('render queue', () => {
  it('renders one chart per task, in the order asked', () => {
    const { post, tasks, run } = manual();
    const queue = createRenderQueue(post);
    const done: string[] = [];
    for (const name of ['a', 'b', 'c']) queue.put({ name }, () => done.push(name));
    expect(tasks).toHaveLength(1);
    run();
    expect(done).toEqual(['a']);
    expect(tasks).toHaveLength(1);
    run();
    run();
    expect(done).toEqual(['a', 'b', 'c']);
    expect(tasks).toHaveLength(0);
  });

  it('runs only the newest of one chart, and nothing of a chart that is gone', () => {
    const { post, tasks, run } = manual();
    const queue = createRenderQueue(post);
    const done: string[] = [];
    const [one, two] = [{}, {}];
    queue.put(one, () => done.push('old'));
    queue.put(one, () => done.push('new'));
    queue.put(two, () => done.push('gone'));
    queue.remove(two);
    while (tasks.length > 0) run();
    expect(done).toEqual(['new']);
  });

  it('goes on with the others when one chart throws', () => {
    const { post, tasks, run } = manual();
    const queue = createRenderQueue(post);
    const done: string[] = [];
    queue.put({}, () => {
      throw new Error('broken chart');
    });
    queue.put({}, () => done.push('next'));
    expect(run).toThrow('broken chart');
    expect(tasks).toHaveLength(1);
    run();
    expect(done).toEqual(['next']);
  });
});
