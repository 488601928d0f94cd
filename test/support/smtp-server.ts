import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { type Certificate, makeCertificate } from './certificate.ts';
import { startProcess, waitFor } from './processes.ts';
import { tempFolder } from './temp.ts';

const SCRIPT = path.join(import.meta.dirname, 'smtp_server.py');
/** Debian's own Python: it is the one that has Debian's aiosmtpd. */
const PYTHON = '/usr/bin/python3';

const eventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready'), port: z.number() }),
  z.strictObject({ kind: z.literal('rset') }),
  z.strictObject({ kind: z.literal('auth'), ok: z.boolean(), mechanism: z.string() }),
  z.strictObject({
    kind: z.literal('mail'),
    sender: z.string(),
    to: z.array(z.string()),
    content: z.string(),
    encrypted: z.boolean(),
    user: z.string().nullable(),
  }),
]);
export type SmtpEvent = z.infer<typeof eventSchema>;
export type Mail = Extract<SmtpEvent, { kind: 'mail' }>;

export interface SmtpOptions {
  readonly tls: 'none' | 'starttls' | 'tls';
  readonly user?: string;
  readonly password?: string;
  readonly refuse?: readonly string[];
  readonly busy?: boolean;
}

export interface RunningSmtp {
  readonly port: number;
  readonly certificate: Certificate;
  events(): SmtpEvent[];
  /** Waits until so many have come: the server tells of a mail a moment after it has answered. */
  mails(count: number): Promise<Mail[]>;
  stop(): Promise<void>;
}

/** Starts a real SMTP server (Debian package `python3-aiosmtpd`) on a free port. */
export async function startSmtp(options: SmtpOptions): Promise<RunningSmtp> {
  const folder = tempFolder('smtp');
  const certificate = makeCertificate();
  writeFileSync(folder.at('cert.pem'), certificate.cert);
  writeFileSync(folder.at('key.pem'), certificate.key);
  const given = { ...options, port: 0, cert: folder.at('cert.pem'), key: folder.at('key.pem') };
  const server = startProcess(PYTHON, [SCRIPT, JSON.stringify(given)]);
  // Lines of others on its streams, such as warnings, are no events.
  const events = (): SmtpEvent[] =>
    server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => eventSchema.parse(JSON.parse(line)));
  const ready = await waitFor('the SMTP server listens', () => events().find((event) => event.kind === 'ready'), {
    everyMs: 20,
  }).catch(async (error: unknown) => {
    await server.stop();
    folder.remove();
    throw new Error(`no SMTP server; install it with apt-get install python3-aiosmtpd. ${server.output()}`, {
      cause: error,
    });
  });
  return {
    port: ready.port,
    certificate,
    events,
    mails: (count) => {
      const mails = () => events().filter((event) => event.kind === 'mail');
      return waitFor(`${count} mails have come`, () => (mails().length >= count ? mails() : null), { everyMs: 10 });
    },
    async stop() {
      await server.stop();
      folder.remove();
    },
  };
}
