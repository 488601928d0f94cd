import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { checkDependencies, checkFile } from './check.ts';

const root = path.resolve(import.meta.dirname, '../..');
const files = globSync('{shared,electron,renderer}/**/*.{ts,tsx}', { cwd: root }).map((file) =>
  file.split(path.sep).join('/'),
);
const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const names = (key: string): string[] => {
  const value = manifest !== null && typeof manifest === 'object' ? Reflect.get(manifest, key) : undefined;
  return value !== null && typeof value === 'object' ? Object.keys(value) : [];
};
const problems = [
  ...checkDependencies([...names('dependencies'), ...names('devDependencies')]),
  ...files.flatMap((file) =>
    checkFile(file, readFileSync(path.join(root, file), 'utf8')).map(
      (found) => `${found.file}:${found.line}: imports ${found.imported}: ${found.message}`,
    ),
  ),
];
for (const problem of problems) console.error(problem);
console.log(`import rules: ${files.length} files, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
