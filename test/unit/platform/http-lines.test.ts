import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from '../../../electron/platform/http/stream.ts';

async function linesOf(chunks: readonly Buffer[], maxBytes = 1000): Promise<string[]> {
  async function* sent() {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of splitLines(sent(), maxBytes, 'GET http://x')) lines.push(line);
  return lines;
}

describe('lines of a stream', () => {
  it('are the same wherever the chunks are cut, within a character too', async () => {
    const lines = fc.array(fc.stringMatching(/^[a-zé€😀{}":]{1,12}$/u));
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(), { maxLength: 8 }), async (expected, cuts) => {
        const whole = Buffer.from(expected.join('\n'));
        const ends = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((a, b) => a - b);
        const chunks = ends.map((end, index) => whole.subarray(index === 0 ? 0 : ends[index - 1], end));
        expect(await linesOf(chunks)).toEqual(expected);
      }),
    );
  });

  it('leave out what is empty, and the carriage return', async () => {
    expect(await linesOf([Buffer.from('\n\na\r\n  \nb')])).toEqual(['a', 'b']);
  });

  it('end with an error when one is longer than the limit, before it is whole', async () => {
    const endless = Array.from({ length: 20 }, () => Buffer.alloc(100, 'x'));
    await expect(linesOf(endless)).rejects.toMatchObject({ code: 'too-large' });
    expect(await linesOf([Buffer.from(`${'x'.repeat(1000)}\n${'y'.repeat(1000)}`)])).toHaveLength(2);
  });
});
