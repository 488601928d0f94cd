import { MAPPING } from '../integration/http-flags/fixture.ts';
import { type InHouseServer, newFlag, startInHouse, TOKEN } from '../integration/http-flags/server.ts';
import { type ApiCall, type Reply, startApiServer } from './api-server.ts';

/** Variables that the connection needs. */
export const HELD_ENV = { FLAGS_TOKEN: TOKEN };

export interface HeldFlags {
  /** Lines of scram.yaml that connect it as `local`. */
  readonly yaml: string;
  /** `PUT` requests that reached it, in order, and what they were answered with. */
  readonly writes: readonly { readonly flag: string; readonly status: number | 'held' }[];
  /** How often a flag was written. */
  written(flag: string): number;
  /**
   * A write that comes now is held for ever: `before` the service has it, or `after` it, so that only the answer is
   * missing. Null: nothing is held any more; what was held never goes on.
   */
  hold: 'before' | 'after' | null;
  stop(): Promise<void>;
}

/** A flag service whose writes take a revision as their condition, with a gate before it. */
export async function startHeldFlags(flags: readonly string[]): Promise<HeldFlags> {
  const service: InHouseServer = await startInHouse(flags.map((name) => newFlag(name, { share: 20 })));
  const writes: { flag: string; status: number | 'held' }[] = [];
  const forever = () => new Promise<never>(() => undefined);
  const gate = await startApiServer(() => ({ status: 500 }));

  async function forward({ method, path, query, headers, text }: ApiCall): Promise<Reply> {
    const url = new URL(path, service.url);
    url.search = query.toString();
    const passed = ['x-flag-token', 'if-match', 'content-type'].flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    const body = text === '' ? {} : { body: text };
    const answer = await fetch(url, { method, headers: Object.fromEntries(passed), ...body });
    const told = await answer.text();
    return { status: answer.status, ...(told === '' ? {} : { body: JSON.parse(told) as unknown }) };
  }

  gate.intercept = async (call) => {
    if (call.method !== 'PUT') return forward(call);
    const write: (typeof writes)[number] = { flag: call.path.split('/').at(-1) ?? '', status: 'held' };
    const { hold } = held;
    if (hold === 'before') {
      writes.push(write);
      return forever();
    }
    const reply = await forward(call);
    if (hold !== 'after') write.status = reply.status;
    writes.push(write);
    return hold === 'after' ? forever() : reply;
  };
  const { id: _id, ...mapping } = MAPPING;
  const connection = { id: 'local', url: `${gate.url}/api`, refresh: '1s', ...mapping };
  const held: HeldFlags = {
    yaml: `connections: [ ${JSON.stringify(connection)} ]`,
    writes,
    written: (flag) => (service.environments.prod?.get(flag)?.revision ?? 0) - 1,
    hold: null,
    async stop() {
      await gate.stop();
      await service.stop();
    },
  };
  return held;
}
