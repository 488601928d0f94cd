export { type Client, createClient, type StreamHandlers } from './client.ts';
export { correlationIdOf, RemoteError, toScramError } from './errors.ts';
export { ClientProvider, useAction, useCall, useClient, useReachability, useStream } from './hooks.tsx';
export type { StreamState, StreamStatus } from './hub.ts';
export { type Rights, useRights } from './people.ts';
export { type SecretAction, useSecretAction } from './secret-action.ts';
export { CHART_SPAN_MS, type DataOf } from './reducers.ts';
export { withUnlock } from './unlock-gate.ts';
export { createTransport, type Reachability, type Transport } from './transport.ts';
