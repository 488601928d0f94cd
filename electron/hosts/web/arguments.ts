import { parseArgs } from 'node:util';
import { ScramError } from '../../../shared/model/error.ts';

export interface WebArguments {
  readonly port: number;
  readonly open: boolean;
  readonly json: boolean;
  readonly dataDir: string | null;
  readonly config: string | null;
}

export const WEB_USAGE = 'usage: npm start -- --web [--port N] [--no-open] [--data-dir D] [--config C] [--json]';

/** Reads the web host's options. Throws `invalid-input` with the usage. */
export function readWebArguments(args: readonly string[]): WebArguments {
  const { values } = parse(args);
  const port = Number(values.port ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65535 || values.port === '') {
    throw usage(`--port takes a number from 0 to 65535, not ${JSON.stringify(values.port)}`);
  }
  return {
    port,
    open: values['no-open'] !== true,
    json: values.json === true,
    dataDir: values['data-dir'] ?? null,
    config: values.config ?? null,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        port: { type: 'string' },
        'no-open': { type: 'boolean' },
        json: { type: 'boolean' },
        'data-dir': { type: 'string' },
        config: { type: 'string' },
        web: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function usage(message: string): ScramError {
  return new ScramError('invalid-input', message, { action: WEB_USAGE });
}
