import { describe, expect, it } from 'vitest';
import { suggestedDirectory } from '../../../renderer/features/setup/suggested-directory.ts';

describe('the way out of the sandbox', () => {
  it('G1: suggests the folder that the next start finds by itself, beside the practice file', () => {
    expect(suggestedDirectory('/home/op/.local/share/scram/sandbox/production.flagd.json')).toBe(
      '/home/op/.local/share/scram/config',
    );
    expect(suggestedDirectory('C:\\Data\\scram\\sandbox\\production.flagd.json')).toBe('C:\\Data\\scram\\config');
  });

  it('suggests nothing where the place is not known', () => {
    expect(suggestedDirectory(undefined)).toBe('');
    expect(suggestedDirectory('production')).toBe('');
    expect(suggestedDirectory('/etc/flags/production.json')).toBe('');
  });
});
