/** A secret in every form in which it could lie in a file, a log or an environment, in bytes. */
export function formsOf(secret: string | Uint8Array): Buffer[] {
  const bytes = Buffer.from(typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret);
  const texts = [bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...base64Of(bytes)];
  if (typeof secret === 'string') {
    texts.push(JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret));
  }
  const wide = typeof secret === 'string' ? [Buffer.from(secret, 'utf16le')] : [];
  return [bytes, Buffer.from(bytes).reverse(), ...wide, ...texts.map((text) => Buffer.from(text, 'utf8'))];
}

/** Base64 of a part in the middle of something longer begins at one of three places: its inner characters stay the same. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const inner = text.slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 8) / 6));
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Names of what holds the secret in some form. */
export function holdersOfSecret(secret: string | Uint8Array, places: ReadonlyMap<string, Buffer>): string[] {
  const forms = formsOf(secret);
  return [...places].filter(([, content]) => forms.some((form) => content.includes(form))).map(([name]) => name);
}
