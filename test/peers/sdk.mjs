// An application that uses Unleash's own SDK: node sdk.mjs URL CLIENT_TOKEN REFRESH_MS FLAG USERS. Each time the flag
// serves any of user-0 … user-(USERS-1) something else than before, one line of JSON tells who has it: a string of 0 and 1.
import { initialize } from 'unleash-client';
import { whenOrphaned } from './orphan.mjs';

const [url, token, refreshMs, flag, users] = process.argv.slice(2);
const sdk = initialize({
  url: `${url}/api`,
  appName: 'peer',
  customHeaders: { Authorization: token },
  refreshInterval: Number(refreshMs),
  disableMetrics: true,
  skipInstanceCountWarning: true,
});
let told = '';
function tell() {
  const served = Array.from({ length: Number(users) }, (_, index) =>
    sdk.isEnabled(flag, { userId: `user-${index}`, sessionId: `session-${index}` }) ? '1' : '0',
  ).join('');
  if (served === told) return;
  told = served;
  console.log(JSON.stringify({ atMs: Date.now(), served }));
}
for (const event of ['synchronized', 'changed']) sdk.on(event, tell);
sdk.on('error', (error) => console.error(String(error)));
function stop() {
  sdk.destroy();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, stop);
whenOrphaned(stop);
// The SDK's own timers keep no process alive.
setInterval(() => {}, 60_000);
