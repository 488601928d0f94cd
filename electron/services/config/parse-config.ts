import { createHash } from 'node:crypto';
import { type Document, parseDocument, visit } from 'yaml';
import type { ConfigProblem } from '../../../shared/contract/console.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import type { ConfigCheck } from './api.ts';
import { explainIssue, type Finding } from './explain-issue.ts';
import { type Lines, linesOf, locate, pathText, position } from './locate.ts';
import { checkReferences } from './references.ts';

/** A configuration is written by hand; what is larger is another file. Characters. */
const LARGEST = 1_000_000;

/**
 * Checks the text of `scram.yaml`. Finds everything at once: YAML, the model, and references between the parts (C1).
 * `file` is the name that the problems bear. Never throws, and shows no secret that stands in the text (E2).
 */
export function parseConfig(text: string, file: string): ConfigCheck {
  if (text.length > LARGEST) {
    const message = `the file has ${text.length} characters`;
    return { ok: false, problems: [wholeFile(file, message, `a configuration of at most ${LARGEST} characters`)] };
  }
  const lines = linesOf(text);
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  const syntax = syntaxProblems(document, lines, file);
  const read = readDocument(document);
  if (!read.ok) {
    return { ok: false, problems: syntax.length > 0 ? syntax : [wholeFile(file, read.message, 'YAML')] };
  }
  if (read.value === null || read.value === undefined) {
    const empty = wholeFile(file, 'the file is empty', 'version, team and environments; `scram init` writes a start');
    return { ok: false, problems: syntax.length > 0 ? syntax : [empty] };
  }

  const checked = configSchema.safeParse(read.value);
  const issues = checked.success ? [] : checked.error.issues;
  const explained = firstOfEach(issues.flatMap((issue) => explainIssue(issue, read.value)));
  // What broken YAML hides is not missing.
  const kept = syntax.length > 0 ? explained.filter((finding) => !finding.missing) : explained;
  const findings = [...kept, ...checkReferences(read.value)];
  const placed = findings.map((finding) => place(finding, document, lines, file));
  const problems = [...syntax, ...placed].toSorted(inOrderOfTheFile);
  if (checked.success && problems.length === 0) return { ok: true, config: checked.data, digest: digestOf(text) };
  return { ok: false, problems };
}

/** SHA-256 of the text as UTF-8, hex. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** A problem of the file as a whole: it cannot be read, it is empty. */
export function wholeFile(file: string, message: string, expected: string | null): ConfigProblem {
  return { file, line: null, column: null, path: '', value: null, message, expected };
}

function syntaxProblems(document: Document, lines: Lines, file: string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const add = (offset: number, message: string) =>
    problems.push({ file, ...position(lines, offset), path: '', value: null, message, expected: 'YAML' });
  for (const error of [...document.errors, ...document.warnings]) add(error.pos[0], withoutSource(error.message));
  visit(document, {
    Alias(_key, node) {
      if (!node.resolve(document)) add(node.range?.[0] ?? 0, 'an alias (*) to an anchor (&) that is not there');
    },
  });
  return problems;
}

type ReadDocument = { ok: true; value: unknown } | { ok: false; message: string };

function readDocument(document: Document): ReadDocument {
  try {
    return { ok: true, value: document.toJS() };
  } catch (error) {
    // Aliases that lead nowhere, or multiply without end.
    return { ok: false, message: error instanceof Error ? withoutSource(error.message) : 'not YAML' };
  }
}

/** The parser ends some messages with the text that it stopped at, which may be a secret. */
function withoutSource(message: string): string {
  return message.split(': ')[0] ?? message;
}

/** A text may fail several checks of one setting; the first says it all. */
function firstOfEach(findings: readonly Finding[]): Finding[] {
  const byPath = new Map<string, Finding>();
  for (const finding of findings) {
    const path = pathText(finding.path);
    if (!byPath.has(path)) byPath.set(path, finding);
  }
  return [...byPath.values()];
}

function place(finding: Finding, document: Document, lines: Lines, file: string): ConfigProblem {
  const { path, at, value, message, expected } = finding;
  return { file, ...locate(document, lines, path, at), path: pathText(path), value, message, expected };
}

function inOrderOfTheFile(a: ConfigProblem, b: ConfigProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
