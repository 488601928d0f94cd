export { NowView, type NowViewProps } from './now-view.tsx';
