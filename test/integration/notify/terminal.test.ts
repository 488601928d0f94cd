import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../../support/processes.ts';
import { runScram } from '../../support/web-host.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.ts';

let folder: string;
let receiver: WebhookReceiver;
const on = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' };

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'scram-notify-'));
  receiver = await startWebhookReceiver();
  await writeFile(path.join(folder, 'flags.json'), JSON.stringify({ flags: { cart: on, search: on } }));
});
afterEach(async () => {
  await receiver.stop();
  await rm(folder, { recursive: true, force: true });
});

async function configure(url: string): Promise<void> {
  const config = `version: 1
team: payments
environments:
  production: { tone: production }
connections:
  - { id: local, kind: flagd, files: { production: ./flags.json } }
notify:
  - { id: own, kind: webhook, url: "${url}", credential: "env:HOOK", timeout: 2s }
`;
  await writeFile(path.join(folder, 'scram.yaml'), config);
}

const scram = (...args: string[]) =>
  runScram([...args, '--data-dir', path.join(folder, 'data')], { cwd: folder, env: { HOOK: receiver.key } });

const sent = async (): Promise<object[]> => {
  const { stdout } = await scram('ledger', 'show', '--json');
  const { entries } = JSON.parse(stdout) as { entries: { body: { data: { kind: string } } }[] };
  return entries.map(({ body }) => body.data).filter(({ kind }) => kind === 'notify.sent');
};

it('what a command did is told before it ends, and the record says so', async () => {
  await configure(receiver.url);
  const killed = await scram('kill', 'cart', '--env', 'production', '--reason', 'INC-1', '--yes');
  expect(killed).toMatchObject({ code: 0, stderr: '' });
  const opened = await scram('incident', 'open', 'Checkout errors', '--env', 'production');
  expect(opened).toMatchObject({ code: 0, stderr: '' });
  expect(receiver.taken).toMatchObject([
    {
      event: 'change',
      title: 'Kill cart in production: accepted',
      facts: expect.arrayContaining([{ label: 'Why', text: 'INC-1' }]),
    },
    { event: 'incident', title: 'Incident opened: Checkout errors' },
  ]);
  const told = { kind: 'notify.sent', target: 'own', ok: true, detail: null };
  expect((await sent()).toReversed()).toEqual([
    { ...told, event: 'change' },
    { ...told, event: 'incident' },
  ]);
});

it('a target that is down fails no command, and the record says that it was not told', async () => {
  await configure(`http://127.0.0.1:${await freePort()}/`);
  const opened = await scram('incident', 'open', 'Checkout errors', '--env', 'production');
  expect(opened).toMatchObject({ code: 0, stderr: '' });
  expect(await sent()).toMatchObject([
    { target: 'own', ok: false, detail: expect.stringContaining('not known to be sent') },
  ]);
});

it('D10: an anchor goes to the targets that take anchors, whole enough to be checked later; with none it is refused', async () => {
  await configure(receiver.url);
  const made = await scram('ledger', 'anchor', '--notify', '--json');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const { line, targets } = JSON.parse(made.stdout) as { line: string; targets: string[] };
  expect(targets).toEqual(['own']);
  expect(receiver.taken).toMatchObject([{ event: 'anchor' }]);
  expect(JSON.stringify(receiver.taken[0])).toContain(line);
  await writeFile(path.join(folder, 'anchors.txt'), `${line}\n`);
  expect((await scram('ledger', 'verify', '--anchor', path.join(folder, 'anchors.txt'))).code).toBe(0);
  await writeFile(
    path.join(folder, 'scram.yaml'),
    'version: 1\nteam: payments\nenvironments: { production: {} }\nconnections: []\n',
  );
  expect(await scram('ledger', 'anchor', '--notify')).toMatchObject({ code: 3 });
});
