export type { ApprovalParts } from './approval-parts.ts';
export { ChangeDialogs } from './change-dialogs.tsx';
export { ChangeWatch } from './change-watch.tsx';
