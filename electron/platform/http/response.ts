import type { Dispatcher } from 'undici';
import { ScramError } from '../../../shared/model/error.ts';
import { redirectTarget } from './errors.ts';
import type { HttpResponse } from './types.ts';

/** A redirect is never followed: it could carry the credentials to another host. */
export function refuseRedirect(answer: Dispatcher.ResponseData, where: string, url: URL): void {
  const status = answer.statusCode;
  if (status >= 300 && status < 400 && status !== 304) {
    const target = redirectTarget(headerText(answer.headers.location), url);
    throw new ScramError('provider', `${where}: answered ${status}, a redirect to ${target}, which is not followed`, {
      action: "Give the address that it points to as the connection's url, if that is the service itself.",
    });
  }
}

/** Reads the whole body. Throws `too-large` as soon as it is longer than `maxBytes`. */
export async function readText(answer: Dispatcher.ResponseData, maxBytes: number, where: string): Promise<string> {
  const tooLarge = () =>
    new ScramError('too-large', `${where}: the answer is larger than ${maxBytes} bytes`, {
      action: 'Ask for less: a narrower query, a shorter range.',
    });
  if (Number(headerText(answer.headers['content-length']) ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

export function toResponse(answer: Dispatcher.ResponseData, text: string, where: string): HttpResponse {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) headers[name.toLowerCase()] = headerText(value) ?? '';
  const dateMs = Date.parse(headers.date ?? '');
  return {
    where,
    status: answer.statusCode,
    headers,
    text,
    dateMs: Number.isNaN(dateMs) ? null : dateMs,
    json: () => parseJson(text, headers['content-type'] ?? '', `${where} (${answer.statusCode})`),
  };
}

function parseJson(text: string, contentType: string, where: string): unknown {
  const type = typeOf(contentType);
  if (isPage(type, text)) {
    throw new ScramError('provider', `${where}: answered a web page instead of JSON; it looks like a login page`, {
      action: 'Check the address, and whether a proxy asks for a login in front of it.',
    });
  }
  if (type !== '' && type !== 'text/plain' && !/[/+]json$/.test(type)) {
    throw new ScramError('provider', `${where}: answered ${type}, expected application/json`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = text.trim() === '' ? 'the answer is empty' : 'the answer is not whole JSON';
    throw new ScramError('provider', `${where}: ${what}`, { cause });
  }
}

/** A page for people, such as a login, in place of an answer for programs. */
export function isWebPage({ headers, text }: Pick<HttpResponse, 'headers' | 'text'>): boolean {
  return text.trim() !== '' && isPage(typeOf(headers['content-type']), text);
}

function typeOf(contentType: string | undefined): string {
  return contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
}

function isPage(type: string, text: string): boolean {
  return type === 'text/html' || type === 'application/xhtml+xml' || /^\s*<(!doctype|html)/i.test(text);
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
