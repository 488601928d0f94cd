import type { SliDelta, SliView } from '../../../shared/contract/slis.ts';
import type { ConnectionStatus } from '../../../shared/model/connection.ts';
import type { ProbeReport } from '../../../shared/model/probe.ts';
import type { Sli } from '../../../shared/model/sli.ts';
import type { Disposable } from '../ports.ts';
import type { MetricSource } from './source.ts';

export interface MetricConnection {
  readonly id: string;
  readonly source: MetricSource;
  readonly stepMs: number;
}

export interface SliFilter {
  readonly environment: string;
  readonly service?: string | undefined;
  readonly flag?: string | undefined;
}

export interface SliUpdate {
  readonly updates: SliDelta[];
  readonly reset?: SliView[] | undefined;
}

/** SLIs of every service: an hour of samples, live while someone looks or a change is being proven. */
export interface SliService {
  statuses(): ConnectionStatus[];
  onStatus(listener: () => void): Disposable;
  slis(environment: string): Sli[];
  /** Every SLI that the filter names, with the samples held now. */
  views(filter: SliFilter): SliView[];
  view(sliId: string, environment: string): SliView | null;
  /** Polls at the live pace while at least one watcher is there, at the background pace otherwise. */
  watch(filter: SliFilter, listener: (update: SliUpdate) => void): Disposable;
  /** Called when an SLI enters or leaves breach, of any environment. */
  onBreach(listener: (view: SliView) => void): Disposable;
  retry(connection: string): Promise<void>;
  /** Tries the connection out. Throws `not-found` alone. */
  probe(connection: string, signal: AbortSignal): Promise<ProbeReport>;
  dispose(): void;
}
