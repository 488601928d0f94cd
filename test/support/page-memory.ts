import type { Page } from 'playwright-core';

/** Those of the secrets that the page's JavaScript still holds, by the browser's own account of its memory. */
export async function heldInMemory(page: Page, secrets: readonly string[]): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  let text = '';
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => {
    text += chunk;
  });
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  if (!text.includes('"strings":[')) throw new Error('the browser gave no account of its memory');
  return secrets.filter((secret) => text.includes(secret));
}
