import { describe, expect, it } from 'vitest';
import { shortPath } from '../../../renderer/kit/short-path.ts';
import { relativeTime } from '../../../renderer/kit/time.tsx';

describe('shortPath', () => {
  it('leaves a short path whole', () => {
    expect(shortPath('/etc/scram/scram.yaml')).toBe('/etc/scram/scram.yaml');
    expect(shortPath('production')).toBe('production');
  });

  it('leaves the middle out: the beginning and the file stay, with as many folders as fit', () => {
    expect(shortPath('/home/a/of/a/great/many/folders/that/nobody/reads/flags/production.json')).toBe(
      '/home/…/nobody/reads/flags/production.json',
    );
    expect(shortPath('C:\\Users\\somebody\\of\\a\\long\\name\\flags\\production.json', 34)).toBe(
      'C:\\…\\name\\flags\\production.json',
    );
  });

  it('never cuts the name of the file itself', () => {
    const name = `${'very-'.repeat(12)}long.json`;
    expect(shortPath(`/srv/flags/${name}`)).toBe(`/srv/…/${name}`);
    expect(shortPath(`/${name}`)).toBe(`/${name}`);
  });
});

describe('relativeTime', () => {
  it('says now, never "in 0 sec", and rounds down', () => {
    expect(relativeTime(1_000, 1_900, 'en')).toBe('now');
    expect(relativeTime(1_000, 1_900, 'de')).toBe('jetzt');
    expect(relativeTime(0, 59_999, 'en')).toBe('59 sec ago');
    expect(relativeTime(0, 4 * 60_000 + 59_000, 'en')).toBe('4 min ago');
  });
});
