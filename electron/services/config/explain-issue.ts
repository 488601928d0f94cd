import type { z } from 'zod';
import { NOT_BUILT, NOT_BUILT_KINDS } from '../../../shared/model/config/index.ts';
import { describedAs, knownKeys } from './known-keys.ts';
import { type Path, valueAt } from './locate.ts';
import { nearName } from '../../../shared/rules/naming.ts';
import { showValue } from './show-value.ts';

/** A problem before it has a place in the file. */
export interface Finding {
  readonly path: Path;
  /** `key`: the name itself is the problem. */
  readonly at: 'key' | 'value';
  readonly value: string | null;
  readonly message: string;
  readonly expected: string | null;
  /** True when nothing stands there. */
  readonly missing?: boolean;
}

/** Puts one issue of the model's check into words: what stands there, and what would be right (C1). */
export function explainIssue(issue: z.core.$ZodIssue, raw: unknown): Finding[] {
  const path = issue.path;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, raw));
  if (issue.code === 'invalid_key') {
    const why = issue.issues[0]?.message ?? 'another name';
    return [{ path, at: 'key', value: showValue(path.at(-1), []), message: `not ${why}`, expected: why }];
  }
  const value = valueAt(raw, path);
  const shown = showValue(value, path);
  const finding = (message: string, expected: string | null): Finding[] => [
    { path, at: 'value', value: shown, message, expected },
  ];
  const expected = expectation(issue, raw);
  if (value === undefined) {
    return [{ path, at: 'value', value: null, message: `${lastName(path)} is missing`, expected, missing: true }];
  }
  if (issue.code === 'invalid_union' && issue.discriminator === 'kind') return finding(...wrongKind(issue, value));
  if (value === null) return finding(`${lastName(path)} is empty`, expected);
  if (issue.code === 'invalid_value') {
    const near = nearName(String(value), issue.values.map(String));
    return finding(`${quote(shown)} is not one of the values${near ? `; did you mean ${near}?` : ''}`, expected);
  }
  if (issue.code === 'too_small' && issue.minimum === 1) return finding(`${lastName(path)} is empty`, expected);
  if (issue.code === 'too_big') return finding(`${lastName(path)} is longer than ${issue.maximum}`, expected);
  const wanted = issue.code === 'invalid_type' ? typeWords(issue.expected) : expected;
  return finding(`${quote(shown)} is not ${wanted ?? 'right here'}`, expected);
}

function unknownKey(key: string, parent: Path, raw: unknown): Finding {
  const known = knownKeys(raw, parent);
  const path = [...parent, key];
  const listed = `one of: ${known.join(', ')}`;
  const notBuilt = Object.hasOwn(NOT_BUILT, key) ? NOT_BUILT[key] : undefined;
  if (notBuilt !== undefined) {
    const message = `${key} (${notBuilt}) is not in this version; available: ${known.join(', ')}`;
    return { path, at: 'key', value: key, message, expected: listed };
  }
  const near = nearName(key, known);
  const shown = showValue(key, []);
  const message = `no setting is called ${shown}${near ? `; did you mean ${near}?` : ''}`;
  return { path, at: 'key', value: shown, message, expected: listed };
}

function wrongKind(issue: z.core.$ZodIssueInvalidUnion, value: unknown): [string, string] {
  const available = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  const expected = `one of: ${available.join(', ')}`;
  const kind = String(value);
  if (NOT_BUILT_KINDS.has(kind))
    return [`kind ${kind} is not in this version; available: ${available.join(', ')}`, expected];
  const near = nearName(kind, available);
  return [`no kind is called ${quote(showValue(value, []))}${near ? `; did you mean ${near}?` : ''}`, expected];
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list (- …)',
  object: 'a map (key: value)',
  record: 'a map (name: …)',
};

function typeWords(type: string): string {
  return TYPE_WORDS[type] ?? type;
}

/** What would be right, in words. The model's own messages for formats are written so that they follow on "not". */
function expectation(issue: z.core.$ZodIssue, raw: unknown): string | null {
  if (issue.code === 'invalid_type') {
    return describedAs(raw, issue.path) ?? typeWords(issue.expected);
  }
  if (issue.code === 'invalid_value') return issue.values.map((value) => String(value)).join(', ');
  if (issue.code === 'too_small' && issue.minimum === 1)
    return describedAs(raw, issue.path) ?? 'at least one character';
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    return 'options' in issue && Array.isArray(issue.options) ? `one of: ${issue.options.join(', ')}` : null;
  }
  return issue.message;
}

function lastName(path: Path): string {
  const name = path.findLast((part) => typeof part === 'string');
  return name === undefined ? 'the file' : String(name);
}

function quote(shown: string | null): string {
  return shown === null ? 'this value' : JSON.stringify(shown);
}
