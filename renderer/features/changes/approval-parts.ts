import { type ComponentType, createContext, useContext } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import type { Tone } from '../../../shared/model/environment.ts';

export interface WaitingProps {
  readonly item: ApprovalItem;
}

export interface BreakGlassProps {
  readonly environment: string;
  readonly tone: Tone;
}

/** What a confirmation shows of approvals. Another feature draws it; the shell brings both together. */
export interface ApprovalParts {
  /** The request that waits, with its ways to the second person; or how it ended. */
  readonly Waiting: ComponentType<WaitingProps>;
  /** The quiet way out when nobody can be reached (D3). */
  readonly BreakGlass: ComponentType<BreakGlassProps>;
}

const None = () => null;

export const ApprovalPartsContext = createContext<ApprovalParts>({ Waiting: None, BreakGlass: None });

export function useApprovalParts(): ApprovalParts {
  return useContext(ApprovalPartsContext);
}
