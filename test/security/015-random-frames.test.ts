import { sessionWith } from '../support/people.ts';
import { describe, expect, it } from 'vitest';
import { type ResponseFrame, responseFrameSchema } from '../../shared/contract/frames.ts';
import { contract } from '../../shared/contract/index.ts';
import { ScramError } from '../../shared/model/error.ts';
import { createDispatcher } from '../../electron/rpc/dispatcher.ts';
import type { Handlers } from '../../electron/rpc/handlers/index.ts';
import { createFakeBackend } from '../support/fake-backend.ts';
import { isValidRequest, VALID_FRAMES } from '../support/frame-oracle.ts';
import { mutateFrame, randomFrame, seededRandom } from '../support/frame-mutations.ts';

const FRAMES = 20_000;
const SEED = Number(process.env.SCRAM_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Every operation, answered by a refusal that shows it was reached. */
const reached: string[] = [];
const traps = Object.fromEntries(
  Object.keys(contract).map((op) => [
    op,
    () => {
      reached.push(op);
      throw new ScramError('refused', 'reached');
    },
  ]),
) as unknown as Handlers;

describe(`015: ${FRAMES} random and mutated frames (seed ${SEED})`, () => {
  it('none crashes the dispatcher, none passes by luck, each gets exactly one typed answer', async () => {
    console.log(`seed ${SEED}: repeat with SCRAM_SEED=${SEED}`);
    const random = seededRandom(SEED);
    const backend = createFakeBackend();
    const dispatcher = createDispatcher(backend, traps);
    const answers: ResponseFrame[] = [];
    const connection = dispatcher.open(
      { person: sessionWith(['view', 'act', 'approve', 'administer']), host: 'web' },
      (frame) => answers.push(frame),
    );
    const counts = { valid: 0, refused: 0, reachedHandlers: 0 };
    const codes = new Set<string>();

    for (let index = 0; index < FRAMES; index += 1) {
      const raw = random() < 0.15 ? randomFrame(random) : mutateFrame(random, VALID_FRAMES);
      answers.length = 0;
      reached.length = 0;
      connection.receive(raw);
      for (let turn = 0; answers.length === 0 && turn < 20; turn += 1) await null;
      const shown = typeof raw === 'string' ? raw.slice(0, 400) : String(raw);
      expect(answers, `answers to ${shown}`).toHaveLength(1);
      const answer = responseFrameSchema.parse(answers[0]);
      const valid = isValidRequest(raw);
      if (reached.length > 0) {
        counts.reachedHandlers += 1;
        expect(valid, `reached ${reached} by luck: ${shown}`).toBe(true);
      }
      if (answer.type === 'error') codes.add(answer.error.code);
      if (valid) counts.valid += 1;
      else {
        counts.refused += 1;
        expect(answer.type, shown).toBe('error');
        if (answer.type !== 'error') continue;
        expect(['invalid-frame', 'invalid-input', 'unknown-operation', 'too-large'], shown).toContain(
          answer.error.code,
        );
      }
    }

    console.log(JSON.stringify({ ...counts, codes: [...codes] }));
    expect(counts.valid, 'the mutations leave some frames whole').toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(FRAMES / 2);
    expect(codes).toEqual(new Set(['invalid-frame', 'invalid-input', 'unknown-operation', 'too-large', 'refused']));
    expect(backend.logged).toEqual([]);
    await dispatcher.dispose();
    expect(backend.subscriptions()).toBe(0);
  });

  it('the oracle knows the frames that are right', () => {
    for (const frame of VALID_FRAMES) expect(isValidRequest(JSON.stringify(frame)), JSON.stringify(frame)).toBe(true);
  });
});
