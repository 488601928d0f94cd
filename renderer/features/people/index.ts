export { LockStrip } from './lock-strip.tsx';
export { useTouch } from './use-touch.ts';
export { Who } from './who.tsx';
