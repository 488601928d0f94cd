import { spawnSync } from 'node:child_process';

/** Real servers and tools that the tests start: the command, and Debian's package that has it. */
const NEEDED: Readonly<Record<string, string>> = {
  chromium: 'chromium',
  prometheus: 'prometheus',
  openssl: 'openssl',
  git: 'git',
  etcd: 'etcd-server',
  'redis-server': 'redis-server',
  // Debian's own Python, with it: another one on the path has not its packages.
  aiosmtpd: 'python3-aiosmtpd',
};

function missing(): string[] {
  return Object.keys(NEEDED).filter((command) => spawnSync('which', [command], { stdio: 'ignore' }).status !== 0);
}

/**
 * Installs what is missing on Debian as root; elsewhere names it. Returns what is still missing.
 * Debian would start some servers as services: a policy file in the environment keeps apt from that.
 */
export function ensureServers(): string[] {
  const before = missing();
  if (before.length === 0) return [];
  const isRoot = process.getuid?.() === 0;
  const hasApt = spawnSync('which', ['apt-get'], { stdio: 'ignore' }).status === 0;
  if (!isRoot || !hasApt) return before;
  const packages = before.map((command) => NEEDED[command] ?? command);
  console.log(`installing ${packages.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  return missing();
}
