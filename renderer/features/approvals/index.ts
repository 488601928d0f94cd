export { ApprovalAlerts } from './alerts.tsx';
export { GlassStrips } from './glass-strips.tsx';
