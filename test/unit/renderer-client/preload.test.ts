import { describe, expect, it } from 'vitest';
import { createPreloadTransport, type PreloadApi } from '../../../renderer/client/preload.ts';

describe('the desktop transport', () => {
  const api = (frame: unknown): PreloadApi => ({
    call: async () => frame,
    listen: (_op, _input, onFrame) => {
      onFrame(frame);
      return () => undefined;
    },
  });

  it('hands on frames that fit the contract', async () => {
    const frame = { type: 'result', id: 'd1', output: 1 };
    const transport = createPreloadTransport(api(frame));
    expect(await transport.call('a', {})).toEqual(frame);
    const seen: unknown[] = [];
    transport.listen('a', {}, (each) => seen.push(each));
    expect(seen).toEqual([frame]);
    expect(transport.reachability().state).toBe('open');
  });

  it('refuses what is no frame', async () => {
    const transport = createPreloadTransport(api({ type: 'result' }));
    await expect(transport.call('a', {})).rejects.toMatchObject({ code: 'invalid-frame' });
  });
});
