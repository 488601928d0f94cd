import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Answers the range and instant queries of Prometheus' HTTP API with a steady wave, for as far back as is asked: an
 * hour of 1 s samples cannot be waited for in a benchmark. Nothing else of Prometheus is imitated.
 */
export async function startMetricsServer(): Promise<{ url: string; close(): Promise<void> }> {
  const value = (query: string, second: number) =>
    (
      0.2 +
      0.05 * Math.sin(second / 60 + query.length) +
      0.02 * Math.sin(second * 12.9898 + query.length * 78.233)
    ).toFixed(5);
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      const form = new URLSearchParams(body);
      const query = form.get('query') ?? '';
      const ranged = request.url?.includes('query_range') === true;
      const start = Number(form.get(ranged ? 'start' : 'time'));
      const end = ranged ? Number(form.get('end')) : start;
      const step = ranged ? Number.parseFloat(form.get('step') ?? '1') : 1;
      const values: [number, string][] = [];
      for (let at = start; at <= end + 1e-6; at += step) values.push([at, value(query, Math.round(at))]);
      const data = ranged
        ? { resultType: 'matrix', result: [{ metric: {}, values }] }
        : { resultType: 'vector', result: [{ metric: {}, value: values[0] }] };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: 'success', data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
