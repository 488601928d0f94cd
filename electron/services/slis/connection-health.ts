import type { ConnectionState, ConnectionStatus } from '../../../shared/model/connection.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import type { MetricConnection } from './api.ts';
import type { SliSlot } from './slot.ts';

const STALE_AFTER_MS = 45_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** A refused credential is for a person to mend; a proxy's hiccup must not leave the console blind for ever. */
const CREDENTIAL_PAUSE_MS = 30_000;

/** The state of one metric connection, from the outcomes of its queries. */
export class ConnectionHealth {
  readonly #connection: MetricConnection;
  readonly #slots: readonly SliSlot[];
  /** The source's clock minus ours, milliseconds; 0 when they agree. */
  skewMs = 0;
  #state: ConnectionState = 'not-ready';
  #sinceMs: number;
  #lastReadAtMs: number | null = null;
  #failure: ScramError | null = null;
  #failures = 0;
  #blockedUntilMs = -Infinity;

  constructor(connection: MetricConnection, slots: readonly SliSlot[], nowMs: number) {
    this.#connection = connection;
    this.#slots = slots;
    this.#sinceMs = nowMs;
  }

  /** True when no query gets through to the source. */
  get down(): boolean {
    return this.#failures > 0;
  }

  /** What ails the whole connection, for each of its SLIs; null when it answers. */
  get problem(): string | null {
    return this.down ? (this.#failure?.message ?? null) : null;
  }

  blocked(nowMs: number): boolean {
    return nowMs < this.#blockedUntilMs;
  }

  unblock(): void {
    this.#blockedUntilMs = -Infinity;
  }

  /** Returns true when the status is another than before. */
  succeeded(nowMs: number): boolean {
    const wasDown = this.down;
    this.#lastReadAtMs = nowMs;
    this.#failures = 0;
    this.#failure = null;
    this.#blockedUntilMs = -Infinity;
    return this.changed(nowMs) || wasDown;
  }

  /** Returns true when the status is another than before. */
  failed(nowMs: number, error: ScramError): boolean {
    const isNew = this.#failure?.message !== error.message;
    this.#failure = error;
    if ((error.code === 'unreachable' || error.code === 'credential') && !this.blocked(nowMs)) {
      this.#failures += 1;
      const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
      this.#blockedUntilMs = nowMs + (error.code === 'credential' ? CREDENTIAL_PAUSE_MS : growing);
    }
    return this.changed(nowMs) || isNew;
  }

  /** Brings the state up to date, for time alone makes it stale. Returns true when it changed. */
  changed(nowMs: number): boolean {
    const state = this.#stateAt(nowMs);
    if (state === this.#state) return false;
    this.#state = state;
    this.#sinceMs = nowMs;
    return true;
  }

  status(nowMs: number): ConnectionStatus {
    this.changed(nowMs);
    const failure = this.#state === 'ready' ? null : this.#failure;
    const words = failure && (failure.action === null ? failure.message : `${failure.message}. ${failure.action}`);
    return {
      id: this.#connection.id,
      kind: this.#connection.source.kind,
      role: 'metrics',
      state: this.#state,
      sinceMs: this.#sinceMs,
      lastReadAtMs: this.#lastReadAtMs,
      fromCache: false,
      problem: words ?? skewWords(this.skewMs),
      environments: [],
      can: [],
      items: this.#slots.length,
    };
  }

  #stateAt(nowMs: number): ConnectionState {
    if (this.down) return this.#failure?.code === 'credential' ? 'fatal' : 'error';
    if (this.#failure && this.#slots.every((slot) => slot.lines.some((line) => line.problem !== null))) return 'error';
    if (this.#lastReadAtMs === null) return 'not-ready';
    const limit = Math.max(STALE_AFTER_MS, 5 * this.#connection.stepMs);
    return nowMs - this.#lastReadAtMs > limit ? 'stale' : 'ready';
  }
}

function skewWords(skewMs: number): string | null {
  if (skewMs === 0) return null;
  const total = Math.round(Math.abs(skewMs) / 1000);
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  const parts = [hours > 0 ? `${hours} h` : '', minutes > 0 ? `${minutes} min` : '', seconds > 0 ? `${seconds} s` : ''];
  const length = parts.filter((part) => part !== '').join(' ');
  const side = skewMs > 0 ? 'ahead of' : 'behind';
  return `The source's clock is ${length} ${side} this console's; its samples are shown at this console's time. Set the clocks right.`;
}
