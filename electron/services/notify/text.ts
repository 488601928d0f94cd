/** A message as text to copy (A8). It stands in `shared/`, where the targets and the page have it from too. */
export { messageText } from '../../../shared/rules/notify-text.ts';
