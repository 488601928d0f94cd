import {
  QueryClient,
  QueryClientProvider,
  useMutation,
  useQuery,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react';
import type { CallName, InputOf, OutputOf, StreamName } from '../../shared/contract/index.ts';
import type { ScramError } from '../../shared/model/error.ts';
import type { Client } from './client.ts';
import { createHub, streamKey, type StreamHub, type StreamState } from './hub.ts';
import type { Reachability } from './transport.ts';

interface ClientScope {
  readonly client: Client;
  readonly hub: StreamHub;
}

const ClientContext = createContext<ClientScope | null>(null);

function useScope(): ClientScope {
  const scope = useContext(ClientContext);
  if (!scope) throw new Error('a component that asks the back end stands outside ClientProvider');
  return scope;
}

/** Gives the page its way to the back end. */
export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
  const scope = useMemo(() => ({ client, hub: createHub(client) }), [client]);
  const queries = useMemo(
    () => new QueryClient({ defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false } } }),
    [],
  );
  return (
    <ClientContext value={scope}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </ClientContext>
  );
}

export function useClient(): Client {
  return useScope().client;
}

/** A stream's data and how far it can be trusted. Components that ask for the same stream share it. */
export function useStream<K extends StreamName>(op: K, input: InputOf<K>): StreamState<K> {
  const { hub } = useScope();
  const key = streamKey(op, input);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for operation and input
  const handle = useMemo(() => hub.stream(op, input), [hub, key]);
  return useSyncExternalStore(handle.subscribe, handle.get);
}

/** Asks once, and again when the input changes. */
export function useCall<K extends CallName>(
  op: K,
  input: InputOf<K>,
  options: { enabled?: boolean; refetchMs?: number } = {},
): UseQueryResult<OutputOf<K>, ScramError> {
  const { client } = useScope();
  return useQuery<OutputOf<K>, ScramError>({
    queryKey: [op, input],
    queryFn: () => client.call(op, input),
    enabled: options.enabled ?? true,
    ...(options.refetchMs === undefined ? {} : { refetchInterval: options.refetchMs }),
  });
}

/** For what is done at a press: `run.mutate(input)`. Never repeated by itself. */
export function useAction<K extends CallName>(op: K): UseMutationResult<OutputOf<K>, ScramError, InputOf<K>> {
  const { client } = useScope();
  return useMutation<OutputOf<K>, ScramError, InputOf<K>>({
    mutationFn: (input) => client.call(op, input),
    retry: false,
  });
}

/** Whether the page reaches the console's back end, and since when. */
export function useReachability(): Reachability {
  const { client } = useScope();
  return useSyncExternalStore(client.onReachability, client.reachability);
}
