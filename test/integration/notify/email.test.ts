import { afterEach, describe, expect, it } from 'vitest';
import { startPlainServer } from '../../support/notify-http.ts';
import { waitFor } from '../../support/processes.ts';
import { aMessage, failureOf, HOSTILE, NEVER, targetOf } from '../../support/notify.ts';
import { type RunningSmtp, type SmtpOptions, startSmtp } from '../../support/smtp-server.ts';

const PASSWORD = 'CANARY-smtp:p@ss word';
const LOGIN = { user: 'scram', password: PASSWORD };

let server: RunningSmtp | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

async function open(options: SmtpOptions, over: Record<string, unknown> = {}, credential = `scram:${PASSWORD}`) {
  server = await startSmtp(options);
  const config = {
    id: 'mail',
    kind: 'email',
    host: '127.0.0.1',
    port: server.port,
    security: options.tls,
    from: 'scram@example.org',
    to: ['oncall@example.org', 'lead@example.org'],
    ...(options.tls === 'none' ? {} : { ca: 'ca.pem' }),
    ...(options.user === undefined ? {} : { credential: 'login' }),
    ...over,
  };
  const target = targetOf(config, { secrets: { login: credential }, files: { 'ca.pem': server.certificate.cert } });
  return { target, server };
}

/** Headers of a mail, unfolded, by their names in lower case. */
function headersOf(content: string): Map<string, string> {
  const [head = ''] = content.split('\r\n\r\n');
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
}

describe('e-mail over a real SMTP server', () => {
  it.each(['starttls', 'tls', 'none'] as const)('A8: sends with security %s, logged in', async (tls) => {
    const { target, server } = await open({ tls, ...LOGIN });
    await target.send(aMessage(), NEVER);
    const [mail] = await server.mails(1);
    expect(mail).toMatchObject({
      sender: 'scram@example.org',
      to: ['oncall@example.org', 'lead@example.org'],
      encrypted: tls !== 'none',
      user: 'scram',
    });
    expect(mail?.content).toContain('enable_new_pricing');
    expect(headersOf(mail?.content ?? '').get('subject')).toBe('Kill enable_new_pricing in production: accepted');
  });

  it('everything about one subject is one thread, and a mail sent again is the same mail', async () => {
    const { target, server } = await open({ tls: 'none' });
    const glass = { event: 'break-glass', key: 'break-glass/1' } as const;
    await target.send(aMessage({ ...glass, severity: 'critical' }), NEVER);
    await target.send(aMessage({ ...glass, severity: 'critical' }), NEVER);
    await target.send(aMessage({ ...glass, resolved: true, atMs: 1_700_000_001_000 }), NEVER);
    await target.send(aMessage({ key: 'other' }), NEVER);
    const [first, again, after, other] = (await server.mails(4)).map(({ content }) => headersOf(content));
    expect(again?.get('message-id')).toBe(first?.get('message-id'));
    expect(after?.get('message-id')).not.toBe(first?.get('message-id'));
    expect(after?.get('references')).toBe(first?.get('references'));
    expect(after?.get('references')).toMatch(/^<scram\.thread\.[0-9a-f]{32}@example\.org>$/);
    expect(other?.get('references')).not.toBe(first?.get('references'));
    expect(first?.get('importance')).toBe('high');
    expect(after?.get('subject')).toMatch(/^\[over\] /);
  });

  it('a flag named with line breaks begins no header and no second recipient', async () => {
    const { target, server } = await open({ tls: 'none' });
    await target.send(
      aMessage({ title: HOSTILE, key: HOSTILE, facts: [{ label: HOSTILE, text: HOSTILE }], text: HOSTILE }),
      NEVER,
    );
    const [mail] = await server.mails(1);
    const headers = headersOf(mail?.content ?? '');
    expect(headers.has('bcc')).toBe(false);
    expect(headers.get('subject')).toContain('Bcc=3A_evil=40example');
    expect(mail?.to).toEqual(['oncall@example.org', 'lead@example.org']);
    const [, html = ''] = (mail?.content ?? '').replace(/=\r\n/g, '').split('Content-Type: text/html');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script');
  });

  it('a probe logs in and sends nothing', async () => {
    const { target, server } = await open({ tls: 'starttls', ...LOGIN });
    expect(await target.probe(NEVER)).toMatchObject({ ok: true, detail: expect.stringContaining('No mail was sent') });
    await waitFor('the server has told of RSET', () => server.events().some(({ kind }) => kind === 'rset'));
    expect(server.events().map(({ kind }) => kind)).toEqual(['ready', 'auth', 'rset']);
  });

  it('E2: a wrong password is told without it, though the server repeats it', async () => {
    const { target } = await open({ tls: 'starttls', ...LOGIN }, {}, 'scram:CANARY-wrong-password');
    const error = await failureOf(target.send(aMessage(), NEVER));
    expect(error).toMatchObject({ code: 'credential', retryable: false, message: expect.stringContaining('(535)') });
    expect(`${error.message} ${error.action} ${error.stack} ${String(error.cause)}`).not.toContain('CANARY');
    expect(JSON.stringify(await target.probe(NEVER))).not.toContain('CANARY');
  });

  it('sends nothing in the clear where starttls is asked for', async () => {
    const { target, server } = await open({ tls: 'none', ...LOGIN }, { security: 'starttls' });
    expect(await failureOf(target.send(aMessage(), NEVER))).toMatchObject({
      code: 'provider',
      retryable: false,
      message: expect.stringContaining('STARTTLS'),
    });
    expect(server.events().map(({ kind }) => kind)).toEqual(['ready']);
  });

  it('believes no certificate that nobody vouches for', async () => {
    const { target, server } = await open({ tls: 'starttls' }, { ca: undefined });
    const error = await failureOf(target.send(aMessage(), NEVER));
    expect(error).toMatchObject({ code: 'unreachable', action: expect.stringContaining('ca') });
    expect(server.events().map(({ kind }) => kind)).toEqual(['ready']);
  });

  it('E2: no password goes over a network in the clear', async () => {
    const { target } = await open({ tls: 'none', ...LOGIN }, { host: 'mail.example.org' });
    expect(await failureOf(target.send(aMessage(), NEVER))).toMatchObject({ code: 'config-invalid' });
  });

  it('says which addresses were refused, and does not send again to the others', async () => {
    const { target, server } = await open({ tls: 'none', refuse: ['lead@example.org'] });
    expect(await failureOf(target.send(aMessage(), NEVER))).toMatchObject({
      code: 'refused',
      retryable: false,
      message: expect.stringContaining('1 of 2'),
      action: expect.stringContaining('lead@example.org'),
    });
    expect(await server.mails(1)).toHaveLength(1);
  });

  it('what is refused for now may be sent again, what is refused for good may not', async () => {
    const busy = await open({ tls: 'none', busy: true });
    expect(await failureOf(busy.target.send(aMessage(), NEVER))).toMatchObject({ code: 'provider', retryable: true });
    await busy.server.stop();
    const refusing = await open({
      tls: 'none',
      password: 'CANARY',
      refuse: ['oncall@example.org', 'lead@example.org'],
    });
    const error = await failureOf(refusing.target.send(aMessage(), NEVER));
    expect(error).toMatchObject({ code: 'refused', retryable: false });
    expect(error.message).not.toContain('CANARY');
  });

  it('ends in time, when nothing answers, and when it is called off', async () => {
    const { target, server } = await open({ tls: 'none' }, { timeout: '300ms' });
    await server.stop();
    expect(await failureOf(target.send(aMessage(), NEVER))).toMatchObject({ code: 'unreachable', retryable: true });
    const mute = await startPlainServer(() => ({ status: 200 }));
    const port = Number(new URL(mute.origin).port);
    const config = {
      id: 'm',
      kind: 'email',
      host: '127.0.0.1',
      port,
      security: 'none',
      from: 'a@b.org',
      to: ['c@d.org'],
    };
    const silent = targetOf({ ...config, timeout: '200ms' });
    expect(await failureOf(silent.send(aMessage(), NEVER))).toMatchObject({ code: 'timeout' });
    const stop = new AbortController();
    const before = mute.connections();
    const patient = targetOf({ ...config, timeout: '60s' }).send(aMessage(), stop.signal);
    const ended = expect(patient).rejects.toThrow('called off');
    await waitFor('it is connected', () => mute.connections() > before, { everyMs: 5 });
    stop.abort(new Error('called off'));
    await ended;
    await mute.stop();
  });
});
