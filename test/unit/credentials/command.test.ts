import { describe, expect, it } from 'vitest';
import { childEnvironment, splitWords } from '../../../electron/services/credentials/command.ts';

describe('E2: cmd: is split into words without a shell', () => {
  it.each<[string, string[]]>([
    ['op read op://team/flags/token', ['op', 'read', 'op://team/flags/token']],
    ["  pass   'show me'  x", ['pass', 'show me', 'x']],
    ['a "b c"d\'e f\' ""', ['a', 'b cde f', '']],
    ['"C:\\\\Program Files\\\\op.exe" read', ['C:\\Program Files\\op.exe', 'read']],
    ['C:\\tools\\op.exe read', ['C:\\tools\\op.exe', 'read']],
    ['x "say \\"hi\\" \\n" \'\\"\'', ['x', 'say "hi" \\n', '\\"']],
    [
      'echo $HOME; rm -rf / && `id` > f | g *',
      ['echo', '$HOME;', 'rm', '-rf', '/', '&&', '`id`', '>', 'f', '|', 'g', '*'],
    ],
    ['', []],
  ])('%s', (command, words) => {
    expect(splitWords(command)).toEqual(words);
  });

  it.each(["a 'b", 'a "b', 'a "b\\"'])('a quote that does not end is told: %s', (command) => {
    expect(() => splitWords(command)).toThrow(expect.objectContaining({ code: 'credential' }));
  });
});

describe('E2: what a child finds in its environment', () => {
  it('is all but the passphrase and the secrets', () => {
    const env = {
      PATH: '/bin',
      SCRAM_PASSPHRASE: 'phrase',
      scram_passphrase: 'phrase',
      TOKEN: 'CANARY-token-1234',
      URL: 'https://u:CANARY-token-1234@host',
      SPACED: ' CANARY-token-1234\n',
      SHORT: 'bin',
      GONE: undefined,
    };
    const secrets = new Set(['CANARY-token-1234', 'bin']);
    expect(childEnvironment(env, secrets)).toEqual({ PATH: '/bin' });
    expect(Object.keys(childEnvironment(env, new Set()))).toEqual(['PATH', 'TOKEN', 'URL', 'SPACED', 'SHORT']);
  });
});
