export type HttpAuth =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** A header of the service's own, such as `Authorization: Api-Key …` or `X-Environment-Key`. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string };

export interface HttpTls {
  /** PEM. */
  readonly cert?: string | undefined;
  /** PEM. */
  readonly key?: string | undefined;
  /** Name that the server's certificate is for, where it is not the address's. */
  readonly serverName?: string | undefined;
  /** Any certificate will do: somebody demanded that in so many words. */
  readonly unchecked?: boolean | undefined;
}

export interface HttpClientOptions {
  /** http or https; a path in it is put before every request's path. */
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly auth?: HttpAuth | undefined;
  /** Certificate of a private authority, PEM. It then is the only one trusted. */
  readonly caPem?: string | undefined;
  /** A certificate of our own to show, and how the server's is checked. */
  readonly tls?: HttpTls | undefined;
  /** Over the whole exchange with its repetitions, from connecting to the last byte, milliseconds. */
  readonly timeoutMs: number;
  /** Largest body that is read, bytes; of a stream: the longest line. */
  readonly maxBytes: number;
  /** Proxy that requests go through; it wins over those of `env`. */
  readonly proxy?: string | undefined;
  /** Variables of the caller, of which HTTPS_PROXY, HTTP_PROXY and NO_PROXY count. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Wall clock, epoch ms. */
  readonly now?: (() => number) | undefined;
  /** From 0 up to 1, for the distance of repetitions. */
  readonly random?: (() => number) | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** Body as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** Body as JSON; a `content-type` among the headers replaces `application/json`. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Nobody waits for it: it may be held back while the service asks for patience, and is refused at once (`unreachable`)
   * while the service keeps failing. What a person asked for never is.
   */
  readonly background?: boolean | undefined;
  /** Changes nothing, whatever its method: it may be repeated. GET and HEAD need no such mark. */
  readonly idempotentRead?: boolean | undefined;
}

export interface HttpResponse {
  /** Method and address, with no query and no credentials: for errors. */
  readonly where: string;
  /** Any status but redirects, which are thrown. */
  readonly status: number;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The server's clock from its Date header, epoch ms (whole seconds); null when it does not tell. */
  readonly dateMs: number | null;
  /** The body as JSON, to be read by a schema. Throws `provider` when it is none, such as a login page. */
  json(): unknown;
}

export interface StreamRequest extends HttpRequest {
  /** Ends the stream. Without it only the other side does. */
  readonly signal?: AbortSignal | undefined;
  /** Longest silence before the stream counts as broken, milliseconds; without it there is none. */
  readonly silenceMs?: number | undefined;
}

/** An answer without an end, or the whole answer where it is not a success. */
export type HttpStream =
  | { readonly ok: true; readonly where: string; readonly lines: AsyncIterable<string> }
  | { readonly ok: false; readonly response: HttpResponse };

export interface HttpClient {
  /**
   * One exchange. Reads are repeated, twice at most and within the time limit, when the service was not reached or
   * answers 502, 503 or 504; writes never are. No redirect is followed. Throws `ScramError`: `unreachable` (refused, DNS,
   * TLS, reset), `timeout`, `too-large`, `provider` (redirect, not HTTP), `credential` (the proxy's), `cancelled`.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Lines of an answer that goes on until `signal`; empty lines are left out. `timeoutMs` holds until it begins. Nothing
   * is repeated. Throws as `request`, and so do the lines when the stream breaks: `unreachable`, `timeout` (silence).
   */
  stream(request: StreamRequest): Promise<HttpStream>;
  /** Ends every exchange and connection. */
  close(): Promise<void>;
}
