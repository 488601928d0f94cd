#!/usr/bin/env node
// The terminal host: `npm run -s scram -- ARGS`, installed as `scram`.
import { ensureBuilt, ensureInstalled } from './lib/install.mjs';
import { launchHost } from './lib/launch.mjs';

ensureInstalled();
ensureBuilt();
const args = process.argv.slice(2);
await launchHost(args[0] === 'web' ? 'web' : 'terminal', args[0] === 'web' ? args.slice(1) : args);
