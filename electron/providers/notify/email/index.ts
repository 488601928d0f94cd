import type { NotifyTargetConfig } from '../../../../shared/model/config/index.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { NotifyTargetFactory } from '../context.ts';
import { probed } from '../shared/probe.ts';
import { blotted, blotter, isLoopback, readSecret } from '../shared/secret.ts';
import { mailOf } from './mail.ts';
import { type MailServer, withMailSession } from './session.ts';

type EmailConfig = Extract<NotifyTargetConfig, { kind: 'email' }>;

/** E-mail over SMTP. */
export const emailTarget: NotifyTargetFactory<EmailConfig> = (config, context) => {
  const { host, port, security, from, to, timeout } = config;
  const login = config.credential === undefined ? null : readLogin(context.secret(config.credential));
  if (login !== null && security === 'none' && !isLoopback(host)) {
    throw new ScramError(
      'config-invalid',
      `notify target ${config.id}: the password would go over the network in the clear`,
      {
        action: 'Set security to starttls or tls, or leave the credential out.',
      },
    );
  }
  const server: MailServer = {
    host,
    port,
    security,
    user: login?.user ?? null,
    password: login?.password ?? null,
    caPem: config.ca === undefined ? undefined : context.readText(config.ca),
    timeoutMs: timeout,
  };
  const blot = blotter(login === null ? [] : [login.password, `${login.user}:${login.password}`]);
  const closing = new AbortController();
  const until = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, closing.signal]);
  const safely = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw error instanceof ScramError ? blotted(error, blot) : error;
    }
  };

  return {
    kind: 'email',
    async send(message, signal) {
      const mail = await mailOf(message, from, to);
      const left = await safely(() =>
        withMailSession(server, until(signal), (session) => session.deliver({ from, to }, mail)),
      );
      if (left.length === 0) return;
      // The others have it: sent again, they would have it twice.
      throw new ScramError(
        'refused',
        `mail server ${host}:${port}: took it for ${to.length - left.length} of ${to.length} addresses`,
        {
          action: `It refused ${left.join(', ')}: check to.`,
          retryable: false,
        },
      );
    },
    probe: (signal) =>
      probed(context.clock, async () => {
        await safely(() => withMailSession(server, until(signal), (session) => session.idle()));
        const how = { starttls: 'encrypted by STARTTLS', tls: 'encrypted', none: 'not encrypted' }[security];
        const who = login === null ? 'without user and password' : 'user and password accepted';
        return `mail server ${host}:${port} answers: ${how}, ${who}. No mail was sent: whether it takes these addresses is not known.`;
      }),
    dispose: () => closing.abort(new ScramError('cancelled', 'the console stopped sending')),
  };
};

/** Throws `credential`, and never says what was given. */
function readLogin(text: string): { user: string; password: string } {
  const secret = readSecret(text, "the mail server's credential");
  const colon = secret.indexOf(':');
  if (colon < 1 || colon === secret.length - 1) {
    throw new ScramError('credential', "the mail server's credential is not user and password", {
      action: 'Give it as user:password.',
    });
  }
  return { user: secret.slice(0, colon), password: secret.slice(colon + 1) };
}
