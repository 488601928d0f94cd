export { IncidentStrip } from './incident-strip.tsx';
export { IncidentsView } from './incidents-view.tsx';
export { OpenDialog } from './open-dialog.tsx';
