export { Here } from './here.tsx';
export { TeamStatus } from './team-status.tsx';
