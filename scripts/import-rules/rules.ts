/**
 * Which folder may import which, and where each npm dependency may be used. Data only: `check.ts` reads it.
 * A message says what to do instead.
 */

export type Runtime = 'any' | 'node' | 'dom' | 'electron' | 'tool';

/** Every dependency of package.json is listed: an unclassified one fails. `tool`: development and tests only. */
export const DEPENDENCIES: Readonly<Record<string, Runtime>> = {
  zod: 'any',
  canonicalize: 'node',
  'jsonc-parser': 'node',
  yaml: 'node',
  '@openfeature/core': 'node',
  '@openfeature/flagd-core': 'node',
  qr: 'any',
  'shamir-secret-sharing': 'node',
  undici: 'node',
  '@redis/client': 'node',
  pg: 'node',
  '@kubernetes/client-node': 'node',
  ws: 'node',
  nodemailer: 'node',
  react: 'dom',
  'react-dom': 'dom',
  zustand: 'dom',
  '@tanstack/react-query': 'dom',
  '@tanstack/react-virtual': 'dom',
  recharts: 'dom',
  '@base-ui/react': 'dom',
  'intl-messageformat': 'dom',
  wouter: 'dom',
  'lucide-react': 'dom',
  electron: 'electron',
  'electron-builder': 'tool',
  node: 'tool',
  typescript: 'tool',
  vite: 'tool',
  '@vitejs/plugin-react': 'tool',
  vitest: 'tool',
  '@biomejs/biome': 'tool',
  'oxc-parser': 'tool',
  'playwright-core': 'tool',
  'axe-core': 'tool',
  'fast-check': 'tool',
  '@types/node': 'tool',
  '@types/pg': 'tool',
  '@types/react': 'tool',
  '@types/react-dom': 'tool',
  '@types/ws': 'tool',
};

export interface Layer {
  /** Folder, relative to the project; the longest that matches a file is its layer. */
  readonly folder: string;
  /** Folders whose files it may import, besides its own. */
  readonly imports: readonly string[];
  readonly runtimes: readonly Runtime[];
  /** May it import `node:` modules? */
  readonly node: boolean;
  readonly instead: string;
}

const PORTS = ['electron/services/ports.ts'];
const SERVICE_PORTS = [
  'electron/services/ports.ts',
  'electron/services/flags/provider.ts',
  'electron/services/flags/observer.ts',
  'electron/services/slis/source.ts',
  'electron/services/team/store.ts',
  'electron/services/notify/target.ts',
];

export const LAYERS: readonly Layer[] = [
  {
    folder: 'shared',
    imports: [],
    runtimes: ['any'],
    node: false,
    instead:
      'shared/ holds zod and the standard library alone: move the code to electron/ or renderer/, or pass the value in',
  },
  {
    folder: 'electron/services',
    imports: ['shared'],
    runtimes: ['any', 'node'],
    node: true,
    instead: 'a service knows the outside through ports: take it as a constructor parameter and let compose.ts wire it',
  },
  {
    folder: 'electron/providers',
    imports: ['shared', 'electron/platform', 'electron/providers/team/postgres/migrations', ...SERVICE_PORTS],
    runtimes: ['any', 'node'],
    node: true,
    instead: 'a provider implements a port and knows no service: report facts through the port',
  },
  {
    folder: 'electron/providers/team/postgres/migrations',
    imports: [],
    runtimes: [],
    node: false,
    instead: 'a migration imports nothing: copy what it needs into it, so that it means the same for ever',
  },
  {
    folder: 'electron/platform',
    imports: [
      'shared',
      ...PORTS,
      'electron/services/ledger/store.ts',
      'electron/services/vault/files.ts',
      'electron/platform/sqlite/migrations',
    ],
    runtimes: ['any', 'node'],
    node: true,
    instead: 'platform/ implements ports on Node and knows nothing above it: move the decision to a service',
  },
  {
    folder: 'electron/platform/sqlite/migrations',
    imports: [],
    runtimes: [],
    node: false,
    instead: 'a migration imports nothing: copy what it needs into it, so that it means the same for ever',
  },
  {
    folder: 'electron/sandbox',
    imports: ['shared', 'electron/platform', 'electron/providers', 'electron/services'],
    runtimes: ['any', 'node'],
    node: true,
    instead: 'the sandbox is built from providers and ports: hosts reach it through compose.ts',
  },
  {
    folder: 'electron/rpc',
    imports: ['shared', 'electron/services'],
    runtimes: ['any'],
    node: true,
    instead: 'a handler calls services: put the work there, or the wiring into compose.ts',
  },
  {
    folder: 'electron/compose',
    imports: [
      'package.json',
      'shared',
      'electron/services',
      'electron/providers',
      'electron/platform',
      'electron/rpc',
      'electron/sandbox',
    ],
    runtimes: ['any', 'node'],
    node: true,
    instead: 'compose wires services and knows no host: give the host a function to call',
  },
  {
    folder: 'electron/hosts',
    imports: [
      'shared',
      'electron/compose',
      'electron/compose.ts',
      'electron/rpc',
      'electron/services',
      'electron/platform',
    ],
    runtimes: ['any', 'node'],
    node: true,
    instead: 'a host is thin: it starts compose() and moves frames; only hosts/desktop knows electron',
  },
  {
    folder: 'electron/hosts/desktop',
    imports: [
      'shared',
      'electron/compose',
      'electron/compose.ts',
      'electron/rpc',
      'electron/services',
      'electron/platform',
      'electron/hosts/shared',
      'electron/hosts/control',
    ],
    runtimes: ['any', 'node', 'electron'],
    node: true,
    instead: 'the desktop host may use electron and what other hosts use, and nothing of the page',
  },
  {
    folder: 'electron/hosts/desktop/preload',
    imports: ['shared'],
    runtimes: ['electron'],
    node: false,
    instead: 'the preload is sandboxed: only electron and the contract',
  },
  {
    folder: 'renderer',
    imports: ['shared'],
    runtimes: ['any', 'dom'],
    node: false,
    instead: 'the page talks to the back end through the contract: declare an operation in shared/contract',
  },
];

export const FEATURES = 'renderer/features';
export const FEATURE_INSTEAD =
  'a feature never imports another: move what both need to renderer/kit, renderer/client or shared/, or let renderer/app compose them';
export const SERVICES = 'electron/services';
/** What one service may import of another: its interface, never its inside. */
export const SERVICE_FACES: readonly RegExp[] = [
  /\/api\.ts$/,
  /\/provider\.ts$/,
  /\/observer\.ts$/,
  /\/source\.ts$/,
  /\/store\.ts$/,
  /^electron\/services\/[^/]+\.ts$/,
  /^electron\/services\/signing\//,
];
export const SERVICE_INSTEAD =
  'a service sees another through its api.ts (or provider.ts, observer.ts, source.ts): use what is declared there';
