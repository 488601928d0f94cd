import { beforeEach, describe, expect, it, vi } from 'vitest';
import { electron, resetElectron } from '../../support/fake-electron.ts';

vi.mock('electron', async () => (await import('../../support/fake-electron.ts')).electron);

interface Api {
  call(op: string, input: unknown): Promise<unknown>;
  listen(op: string, input: unknown, onFrame: (frame: unknown) => void): () => void;
}
let api: Api;
let loads = 0;

beforeEach(async () => {
  resetElectron();
  // Loaded anew for each test, under another address: it acts when it is loaded.
  loads += 1;
  await import(/* @vite-ignore */ `../../../electron/hosts/desktop/preload/preload.ts?load=${loads}`);
  api = electron.recorded.exposed.get('scram') as Api;
});

const sent = (index: number) => {
  const [channel, mark, text] = electron.ipcRenderer.send.mock.calls[index] as [string, string, string];
  return { channel, mark, frame: JSON.parse(text) };
};
const answer = (frame: object, mark = sent(0).mark) =>
  electron.ipcRenderer.emit('scram:frame', {}, mark, JSON.stringify(frame));

describe('the preload', () => {
  it('exposes call and listen, and nothing else', () => {
    expect([...electron.recorded.exposed.keys()]).toEqual(['scram']);
    expect(Object.keys(api)).toEqual(['call', 'listen']);
  });

  it('resolves a call with its answer, whichever it is', async () => {
    const first = api.call('ledger.verify', {});
    const second = api.call('ledger.show', { limit: 1 });
    expect(sent(0)).toMatchObject({
      channel: 'scram:frame',
      frame: { type: 'call', op: 'ledger.verify', input: {} },
    });
    expect(sent(0).frame.id).not.toBe(sent(1).frame.id);
    answer({ type: 'error', id: sent(1).frame.id, error: { code: 'busy' } });
    answer({ type: 'result', id: sent(0).frame.id, output: 1 });
    expect(await second).toMatchObject({ type: 'error' });
    expect(await first).toMatchObject({ type: 'result', output: 1 });
  });

  it('hands on the frames of a stream until it is left, and cancels it then', () => {
    const frames: unknown[] = [];
    const leave = api.listen('flags.watch', { environment: 'production' }, (frame) => frames.push(frame));
    const { id } = sent(0).frame;
    answer({ type: 'snapshot', id, data: 1 });
    answer({ type: 'delta', id, sequence: 1, data: 2 });
    leave();
    leave();
    answer({ type: 'delta', id, sequence: 2, data: 3 });
    expect(frames).toHaveLength(2);
    expect(electron.ipcRenderer.send).toHaveBeenCalledTimes(2);
    expect(sent(1).frame).toEqual({ type: 'cancel', id });
  });

  it('takes no answer that was meant for another load of the page', () => {
    const frames: unknown[] = [];
    api.listen('flags.watch', {}, (frame) => frames.push(frame));
    answer({ type: 'snapshot', id: sent(0).frame.id, data: 1 }, 'another-load');
    expect(frames).toEqual([]);
  });

  it('refuses an input that is no data before anything is sent', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    await expect(api.call('ledger.verify', cyclic)).rejects.toThrow();
    expect(electron.ipcRenderer.send).not.toHaveBeenCalled();
  });
});
