export { StatusDialog } from './status-dialog.tsx';
