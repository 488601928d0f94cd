import { ChangeDialogs } from '../features/changes/index.ts';

/** The dialogs of changes, over whatever view is open: a chunk of their own, loaded right after the first view. */
export function Confirmations() {
  return <ChangeDialogs />;
}
