import { isBuiltin } from 'node:module';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import {
  DEPENDENCIES,
  FEATURE_INSTEAD,
  FEATURES,
  LAYERS,
  type Layer,
  type Runtime,
  SERVICE_FACES,
  SERVICE_INSTEAD,
  SERVICES,
} from './rules.ts';

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly imported: string;
  readonly message: string;
}

interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** Static, re-exporting and dynamic imports of one source text. Throws when the text does not parse. */
export function importsOf(file: string, text: string): Import[] {
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: does not parse: ${errors[0]?.message}`);
  const found: { specifier: string; start: number }[] = [];
  for (const entry of module.staticImports) {
    found.push({ specifier: entry.moduleRequest.value, start: entry.start });
  }
  for (const entry of module.staticExports) {
    for (const item of entry.entries) {
      if (item.moduleRequest) found.push({ specifier: item.moduleRequest.value, start: entry.start });
    }
  }
  for (const entry of module.dynamicImports) {
    const source = text.slice(entry.moduleRequest.start, entry.moduleRequest.end);
    const literal = /^['"`]([^'"`$]+)['"`]$/.exec(source);
    found.push({ specifier: literal?.[1] ?? '(computed)', start: entry.start });
  }
  return found.map(({ specifier, start }) => ({ specifier, line: text.slice(0, start).split('\n').length }));
}

/** Package name of a bare specifier: `@scope/name/deep` is `@scope/name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

function inside(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

export function layerOf(file: string): Layer | undefined {
  const bare = file.replace(/\.tsx?$/, '');
  return LAYERS.filter((layer) => inside(file, layer.folder) || bare === layer.folder).sort(
    (a, b) => b.folder.length - a.folder.length,
  )[0];
}

function checkPackage(layer: Layer, name: string): string | null {
  const runtime: Runtime | undefined = DEPENDENCIES[name];
  if (runtime === undefined)
    return `npm dependency «${name}» is not classified: add it to scripts/import-rules/rules.ts`;
  if (layer.runtimes.includes(runtime)) return null;
  return `«${name}» (runtime: ${runtime}) may not be used in ${layer.folder}/: ${layer.instead}`;
}

function checkPath(layer: Layer, file: string, target: string): string | null {
  const own = inside(target, layer.folder) && layerOf(target) === layer;
  if (!own && !layer.imports.some((folder) => inside(target, folder))) {
    return `${layer.folder}/ may not import ${target}: ${layer.instead}`;
  }
  const feature = (name: string) => name.split('/')[2];
  if (inside(file, FEATURES) && inside(target, FEATURES) && feature(file) !== feature(target)) return FEATURE_INSTEAD;
  if (inside(file, SERVICES) && inside(target, SERVICES) && feature(file) !== feature(target)) {
    if (!SERVICE_FACES.some((face) => face.test(target))) return SERVICE_INSTEAD;
  }
  return null;
}

/** Checks one file; `file` is relative to the project, with forward slashes. */
export function checkFile(file: string, text: string): Violation[] {
  const layer = layerOf(file);
  if (!layer) return [];
  const violations: Violation[] = [];
  for (const { specifier, line } of importsOf(file, text)) {
    const complain = (message: string | null) => {
      if (message) violations.push({ file, line, imported: specifier, message });
    };
    if (specifier.startsWith('.')) {
      complain(checkPath(layer, file, path.posix.join(path.posix.dirname(file), specifier.replace(/\?.*$/, ''))));
    } else if (specifier === '(computed)') {
      complain('an import must name its module, so that it can be checked');
    } else if (isBuiltin(specifier)) {
      complain(layer.node ? null : `${layer.folder}/ runs without Node: ${layer.instead}`);
    } else {
      complain(checkPackage(layer, packageOf(specifier)));
    }
  }
  return violations;
}

/** Dependencies of package.json that rules.ts does not classify, and classified ones that are gone. */
export function checkDependencies(installed: readonly string[]): string[] {
  const problems = installed
    .filter((name) => !Object.hasOwn(DEPENDENCIES, name))
    .map((name) => `package.json: «${name}» is not classified: say in scripts/import-rules/rules.ts where it may run`);
  const gone = Object.keys(DEPENDENCIES)
    .filter((name) => !installed.includes(name))
    .map((name) => `scripts/import-rules/rules.ts: «${name}» is not in package.json any more: delete its line`);
  return [...problems, ...gone];
}
