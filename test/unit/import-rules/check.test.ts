import { describe, expect, it } from 'vitest';
import { checkDependencies, checkFile, importsOf, layerOf, packageOf } from '../../../scripts/import-rules/check.ts';
import { DEPENDENCIES } from '../../../scripts/import-rules/rules.ts';

const messages = (file: string, text: string) => checkFile(file, text).map((found) => found.message);

describe('import rules', () => {
  it('finds static, re-exporting, type-only and dynamic imports with their lines', () => {
    const text =
      "import a from './a.ts';\nimport type { B } from './b.ts';\nexport * from './c.ts';\nawait import('./d.ts');";
    expect(importsOf('x.ts', text)).toEqual([
      { specifier: './a.ts', line: 1 },
      { specifier: './b.ts', line: 2 },
      { specifier: './c.ts', line: 3 },
      { specifier: './d.ts', line: 4 },
    ]);
  });

  it('names the layer by the longest folder', () => {
    expect(layerOf('electron/hosts/desktop/preload/preload.ts')?.folder).toBe('electron/hosts/desktop/preload');
    expect(layerOf('electron/compose.ts')?.folder).toBe('electron/compose');
  });

  it('reads the package name of a deep or scoped import', () => {
    expect(packageOf('@base-ui/react/dialog')).toBe('@base-ui/react');
    expect(packageOf('react-dom/client')).toBe('react-dom');
  });

  it.each([
    ['shared/model/x.ts', "import fs from 'node:fs';", /runs without Node/],
    ['shared/model/x.ts', "import fs from 'fs';", /runs without Node/],
    ['shared/model/x.ts', "import '../../electron/compose.ts';", /may not import electron\/compose\.ts/],
    ['shared/model/x.ts', "import 'react';", /may not be used in shared/],
    ['renderer/app/x.tsx', "import '../../electron/rpc/backend.ts';", /declare an operation/],
    ['renderer/app/x.tsx', "import 'undici';", /may not be used in renderer/],
    ['renderer/features/now/x.tsx', "import '../flags/row.tsx';", /a feature never imports another/],
    ['electron/services/flags/x.ts', "import '../../providers/flags/flagd/provider.ts';", /through ports/],
    ['electron/services/flags/x.ts', "import '../slis/sli-service.ts';", /through its api\.ts/],
    ['electron/providers/flags/flagd/x.ts', "import '../../../services/flags/flag-service.ts';", /knows no service/],
    ['electron/hosts/web/x.ts', "import 'electron';", /only hosts\/desktop knows electron/],
    ['electron/services/flags/x.ts', "import 'electron';", /may not be used/],
    ['electron/hosts/desktop/preload/x.ts', "import 'node:fs';", /sandboxed/],
    ['electron/platform/sqlite/migrations/0001-a.ts', "import '../open.ts';", /imports nothing/],
    ['electron/rpc/x.ts', "import 'left-pad';", /not classified/],
    ['electron/rpc/x.ts', 'await import(name);', /must name its module/],
  ])('refuses %s: %s', (file, text, message) => {
    const found = messages(file, text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  it.each([
    ['shared/rules/x.ts', "import { z } from 'zod'; import '../model/flag.ts';"],
    [
      'electron/services/changes/x.ts',
      "import '../flags/api.ts'; import '../ports.ts'; import '../flags/provider.ts';",
    ],
    ['electron/providers/flags/flagd/x.ts', "import '../../../services/flags/provider.ts'; import 'yaml';"],
    ['electron/hosts/desktop/main.ts', "import 'electron'; import '../../compose.ts';"],
    ['renderer/features/now/x.tsx', "import './y.tsx'; import '../../kit/button.tsx'; import 'react';"],
  ])('allows %s: %s', (file, text) => {
    expect(messages(file, text)).toEqual([]);
  });

  it('fails for a dependency without a class, and for a class without a dependency', () => {
    const all = Object.keys(DEPENDENCIES);
    expect(checkDependencies(all)).toEqual([]);
    expect(checkDependencies([...all, 'left-pad'])).toEqual([expect.stringMatching(/«left-pad» is not classified/)]);
    expect(checkDependencies(all.slice(1))).toEqual([expect.stringMatching(/not in package\.json any more/)]);
  });
});
