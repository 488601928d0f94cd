import type { ApprovalItem, ApprovalState, BreakGlassItem } from '../../../shared/model/approval.ts';
import type { Change, ChangePayload } from '../../../shared/model/change.ts';
import { payload } from './samples.ts';

export function change(over: Partial<ChangePayload> = {}, hash = 'c'.repeat(64)): Change {
  return { hash, payload: payload(over), rationale: 'p99 is fine again', proposedAtMs: 0 };
}

export interface ItemWish {
  readonly id?: string;
  readonly state?: ApprovalState;
  readonly requester?: string;
  readonly atMs?: number;
  readonly expiresAtMs?: number;
  readonly approvedUntilMs?: number;
  readonly changes?: Change[];
  readonly batch?: ApprovalItem['batch'];
}

export function item(wish: ItemWish = {}): ApprovalItem {
  const { id = 'a', state = 'waiting', requester = 'alex', atMs = 0, expiresAtMs = 1_800_000 } = wish;
  const hash = id.repeat(64).slice(0, 64);
  const changes = wish.changes ?? [change()];
  const subject = { kind: wish.batch ? 'batch' : 'change', hash: changes[0]?.hash ?? '' } as const;
  const decided = state === 'approved' || state === 'refused';
  return {
    request: {
      body: {
        version: 1,
        id,
        subject,
        environment: 'production',
        device: 'device-1',
        requester: { operator: requester, key: 'k1' },
        atMs,
        expiresAtMs,
      },
      hash,
      signature: 's',
    },
    state,
    why: null,
    decision: decided
      ? {
          body: {
            version: 1,
            request: hash,
            subject,
            environment: 'production',
            device: 'device-1',
            decision: state === 'refused' ? 'refuse' : 'approve',
            reason: '',
            by: { operator: 'sam', key: 'k2' },
            atMs: atMs + 1,
            expiresAtMs: wish.approvedUntilMs ?? expiresAtMs,
          },
          hash: 'd'.repeat(64),
          signature: 's',
        }
      : null,
    changes,
    batch: wish.batch ?? null,
    requesterName: 'Alex',
    deciderName: decided ? 'Sam' : null,
    origin: 'here',
    checkCode: '4F7K-92QX',
    executableHere: true,
  };
}

export function glass(state: BreakGlassItem['state'], over: Partial<BreakGlassItem['glass']> = {}): BreakGlassItem {
  return {
    glass: {
      id: `g-${state}`,
      environment: 'production',
      reason: 'nobody answers',
      device: 'device-1',
      operator: 'alex',
      openedAtMs: 0,
      untilMs: 900_000,
      reviewByMs: 86_400_000,
      ...over,
    },
    operatorName: 'Alex',
    state,
    endedAtMs: null,
    changes: [],
    review: null,
  };
}
