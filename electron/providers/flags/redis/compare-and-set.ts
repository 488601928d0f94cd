import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { RedisConnection } from './connection.ts';

/**
 * Writes each key that still holds what is expected, and keeps its time to live. A script that the server comes to only
 * after the time limit (it was stopped, or busy) writes nothing: whoever asked has given up and looked by then.
 * Redis runs a script whole, so that nobody comes in between.
 */
const SCRIPT = `
local deadline = tonumber(ARGV[1])
if deadline > 0 then
  local now = redis.call('TIME')
  if now[1] * 1000 + now[2] / 1000 > deadline then return false end
end
local moved = {}
for i, key in ipairs(KEYS) do
  local present = redis.pcall('GET', key)
  moved[i] = type(present) ~= 'string' or present ~= ARGV[2 * i]
end
local written = {}
for i, key in ipairs(KEYS) do
  if moved[i] then
    written[i] = 0
  else
    local left = redis.call('PTTL', key)
    redis.call('SET', key, ARGV[2 * i + 1])
    if left > 0 then redis.call('PEXPIRE', key, left) end
    written[i] = 1
  end
end
return written
`;

export interface RedisEdit {
  readonly key: string;
  readonly bytes: Buffer;
  readonly expect: Buffer;
}

const answerSchema = z.array(z.number()).nullable();

export async function compareAndSet(
  connection: RedisConnection,
  edits: readonly RedisEdit[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly boolean[]> {
  const offset = await connection.clockOffset(signal);
  const deadline = offset === null ? 0 : Math.floor(performance.now() + offset + timeoutMs);
  const what = `writing ${edits.length > 3 ? `${edits.length} keys` : edits.map(({ key }) => key).join(', ')}`;
  const written = await connection.send(
    [
      'EVAL',
      SCRIPT,
      String(edits.length),
      ...edits.map(({ key }) => key),
      String(deadline),
      ...edits.flatMap(({ expect, bytes }) => [expect, bytes]),
    ],
    answerSchema,
    what,
    signal,
  );
  if (written !== null) return edits.map((_, index) => written[index] === 1);
  throw new ScramError('timeout', `${connection.name}, ${what}: it came to the write too late; nothing was written`);
}
