import { EXIT } from '../../shared/exit-codes.ts';
import type { Command } from '../command.ts';
import { printable, table } from '../table.ts';

const age = (nowMs: number, atMs: number | null) =>
  atMs === null ? 'never' : `${Math.max(0, Math.round((nowMs - atMs) / 1000))} s ago`;

export const status: Command = {
  name: 'status',
  usage: 'scram status',
  summary: 'connections, configuration, ledger head',
  options: {},
  async run({ out, connect }) {
    const client = await connect();
    const state = await client.watch(
      'console.watch',
      {},
      (value) => value.connections.every((connection) => connection.state !== 'not-ready'),
      10_000,
    );
    out.json(state);
    out.say(
      `${state.product.name} ${state.product.version}, ${client.mode === 'attached' ? 'running console' : 'no console running'}`,
    );
    out.say(
      state.config.mode === 'sandbox'
        ? 'configuration: none, practice sandbox'
        : `configuration: ${state.config.path}, ${state.config.problems.length} problems`,
    );
    out.say(`environments: ${state.environments.map((item) => item.name).join(', ')}`);
    out.say(
      table(
        ['CONNECTION', 'KIND', 'STATE', 'READ', 'ITEMS', 'ENVIRONMENTS', 'PROBLEM'],
        state.connections.map((item) => [
          item.id,
          item.kind,
          item.fromCache ? `${item.state} (cache)` : item.state,
          age(state.nowMs, item.lastReadAtMs),
          String(item.items),
          printable(item.environments.map(({ name, theirs }) => `${name}: ${theirs}`).join(', ')),
          printable(item.problem ?? '').slice(0, 200),
        ]),
      ),
    );
    out.say(`ledger: ${state.ledger.entries} entries, ${state.ledger.verified}, device ${state.ledger.device}`);
    return EXIT.done;
  },
};
