export { createFlagdProvider, type FlagdOptions } from './provider.ts';
