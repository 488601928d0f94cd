import { beforeEach, describe, expect, it } from 'vitest';
import { arrange } from '../../../renderer/features/now/arrange.ts';
import { isDialogOpen, usePage } from '../../../renderer/kit/page.ts';
import type { SliView } from '../../../shared/contract/slis.ts';

const page = () => usePage.getState();
const target = { connection: 'c', key: 'new_pricing', environment: 'production' };

describe('state of the page', () => {
  beforeEach(() => {
    page().chooseEnvironment('production', 'production');
    page().closeDialogs();
  });

  it('B3: a change of environment closes the confirmation, and forgets the chosen flag and the change followed', () => {
    page().askKill(target);
    page().select({ connection: 'c', key: 'new_pricing' });
    page().follow('a'.repeat(64));
    page().chooseEnvironment('staging', 'neutral');
    expect(page()).toMatchObject({
      environment: 'staging',
      tone: 'neutral',
      kill: null,
      selected: null,
      following: null,
    });
  });

  it('B3: marks for a bulk kill are of one environment, and go when it changes', () => {
    const [a, b] = [
      { connection: 'c', key: 'a' },
      { connection: 'c', key: 'b' },
    ];
    page().toggleMark(a);
    page().toggleMark(b);
    page().toggleMark(a);
    expect([...page().marked.values()]).toEqual([b]);
    page().askBulk({ environment: 'production', target: { by: 'flags', flags: [b] }, name: '1 flag' });
    expect(isDialogOpen(page())).toBe(true);
    page().chooseEnvironment('staging', 'neutral');
    expect([...page().marked.values()]).toEqual([]);
    expect(page().bulk).toBeNull();
  });

  it('a new state of the same environment keeps the confirmation open', () => {
    page().askKill(target);
    page().chooseEnvironment('production', 'production');
    expect(page().kill).toEqual(target);
  });

  it('only one dialog is open at a time', () => {
    page().openOverlay('palette');
    page().askKill(target);
    expect(page()).toMatchObject({ overlay: null, undo: null, kill: target });
    page().askUndo('b'.repeat(64));
    expect(page()).toMatchObject({ kill: null, undo: 'b'.repeat(64) });
  });
});

describe('charts of Now', () => {
  const view = (service: string, name: string, state: 'ok' | 'breached' = 'ok'): SliView => ({
    sli: {
      id: `${service}/${name}`,
      service,
      name,
      unit: 's',
      objective: null,
      connection: 'c',
      environment: 'production',
      cohortFlag: null,
    },
    status: { state, latest: null, breachedSinceMs: null, problem: null },
    baseline: null,
    series: {},
  });
  const ids = (views: readonly SliView[]) => views.map((each) => each.sli.id);
  const views = [
    view('cart', 'p99'),
    view('checkout', 'rps'),
    view('checkout', 'errors', 'breached'),
    view('checkout', 'p99', 'breached'),
  ];

  it('shows the worst breach first, then what else burns in its service, then the rest', () => {
    const found = arrange(views, views[3]?.sli ?? null, 2);
    expect(ids(found.top)).toEqual(['checkout/p99', 'checkout/errors']);
    expect(ids(found.same)).toEqual(['checkout/rps']);
    expect(ids(found.others)).toEqual(['cart/p99']);
  });

  it('keeps the order of the configuration while nothing burns', () => {
    expect(ids(arrange(views, null, 2).top)).toEqual(['cart/p99', 'checkout/rps', 'checkout/errors', 'checkout/p99']);
  });
});
