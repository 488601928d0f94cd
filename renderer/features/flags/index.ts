export { FlagPage } from './flag-page.tsx';
export { FlagsView } from './flags-view.tsx';
