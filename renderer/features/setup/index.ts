export { SetupView } from './setup-view.tsx';
