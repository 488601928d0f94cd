export const SCHEME = 'app';
export const ORIGIN = 'app://scram';
/** Frames in both directions: the page's mark first, then the frame as JSON text. */
export const CHANNEL = 'scram:frame';

/** True for addresses of our own page. Standard schemes are parsed like http, user and port included. */
export function isOurs(address: string): boolean {
  try {
    const url = new URL(address);
    return url.protocol === `${SCHEME}:` && url.host === 'scram' && url.username === '' && url.password === '';
  } catch {
    return false;
  }
}
