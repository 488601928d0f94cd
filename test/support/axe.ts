import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  violations: {
    id: string;
    impact: string | null;
    help: string;
    nodes: { target: unknown; failureSummary?: string }[];
  }[];
}

/** WCAG 2.2 A and AA by axe-core; returns one line for each violation. Runs beside the page's script policy. */
export async function axeViolations(page: Page): Promise<string[]> {
  // The policy allows no inline script, rightly: the debugger puts axe into the page instead.
  await page.evaluate(source);
  const result = await page.evaluate(() => {
    const axe = (window as unknown as { axe: { run(options: object): Promise<AxeResult> } }).axe;
    return axe.run({
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    } as object);
  });
  return result.violations.map(
    ({ id, impact, help, nodes }) =>
      `${id} (${impact}): ${help}: ${nodes.map((node) => String(node.target)).join(' | ')}`,
  );
}
