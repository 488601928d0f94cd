import type { CDPSession, Page } from 'playwright-core';

/** What went between a page and its host, and what is left in the page, for a search for secrets (E2). */
export interface PageWatch {
  /** WebSocket frames from the page, each as sent. */
  readonly sent: readonly string[];
  /** Everything that came from the host: frames, and bodies and headers of answers. */
  received(): Promise<string>;
  /** Every string in the page's memory, after what nobody holds any more was thrown away. */
  memory(): Promise<string>;
  /** What the page has stored, and what it shows. */
  stored(): Promise<string>;
}

export async function watchPage(page: Page): Promise<PageWatch> {
  const cdp = await page.context().newCDPSession(page);
  const sent: string[] = [];
  const received: string[] = [];
  const bodies: Promise<void>[] = [];
  await cdp.send('Network.enable');
  cdp.on('Network.webSocketFrameSent', ({ response }) => void sent.push(response.payloadData));
  cdp.on('Network.webSocketFrameReceived', ({ response }) => void received.push(response.payloadData));
  page.on('response', (response) => {
    received.push(JSON.stringify(response.headers()));
    const body = response.body().then((bytes) => void received.push(bytes.toString()));
    // A redirect has none, nor has what the page closed over.
    bodies.push(body.catch(() => undefined));
  });
  return {
    sent,
    async received() {
      await Promise.all(bodies);
      return received.join('\n');
    },
    memory: () => stringsInMemory(cdp),
    stored: () =>
      page.evaluate(async () => {
        const databases = await indexedDB.databases();
        const caches_ = await caches.keys();
        const inputs = [...document.querySelectorAll('input, textarea')].map((one) => (one as HTMLInputElement).value);
        return JSON.stringify([
          { ...localStorage },
          { ...sessionStorage },
          databases,
          caches_,
          document.cookie,
          location.href,
          history.state,
          document.documentElement.outerHTML,
          inputs,
        ]);
      }),
  };
}

async function stringsInMemory(cdp: CDPSession): Promise<string> {
  await cdp.send('HeapProfiler.enable');
  // What the first round lets go of (weak references, finalisers) falls in the second.
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('HeapProfiler.collectGarbage');
  const parts: string[] = [];
  const take = ({ chunk }: { readonly chunk: string }): void => void parts.push(chunk);
  cdp.on('HeapProfiler.addHeapSnapshotChunk', take);
  await cdp.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  cdp.off('HeapProfiler.addHeapSnapshotChunk', take);
  await cdp.send('HeapProfiler.disable');
  const { strings } = JSON.parse(parts.join('')) as { strings: string[] };
  return strings.join('\n');
}
