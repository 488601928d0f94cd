export { fetchFirstPage } from './first-page.ts';
export { LedgerView } from './ledger-view.tsx';
