import { type Member, scanObject } from './json-scan.ts';
import { applyEdits, type Edit } from './position.ts';

/** What an edit does to the members of one definition; all others keep every byte. */
export interface MemberEdits {
  /** Text of each member's new value; a member that is not there is added. */
  readonly set: Readonly<Record<string, string>>;
  /** Members to take out, each with the text that means none, for where it cannot be taken out (YAML's merge keys). */
  readonly remove: Readonly<Record<string, string>>;
  /** Member behind which missing ones are added; the last one that stays when it is not there. */
  readonly addAfter: string;
}

/** Edits the source of one JSON definition. */
export function editJson(text: string, { set, remove, addAfter }: MemberEdits): string {
  const bytes = Buffer.from(text, 'utf8');
  const { members } = scanObject(bytes, 0);
  const nameOf = (member: Member) => String(JSON.parse(bytes.toString('utf8', member.keyStart, member.keyEnd)));
  const names = members.map(nameOf);
  const unwanted = (index: number) => Object.hasOwn(remove, names[index] ?? '');
  const edits: Edit[] = [];
  members.forEach((member, index) => {
    const value = Object.hasOwn(set, names[index] ?? '') ? set[names[index] ?? ''] : undefined;
    // A field that stands twice is set twice: which of them counts is up to the reader.
    if (value !== undefined) edits.push({ start: member.start, end: member.end, text: value });
  });
  const missing = Object.entries(set).filter(([name]) => !names.includes(name));
  const kept = members.filter((_, index) => !unwanted(index));
  const anchor = members.findLast((_, index) => names[index] === addAfter) ?? kept.at(-1);
  if (anchor === undefined) {
    const body = missing.map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(', ');
    return `{${body}}`;
  }
  if (missing.length > 0) {
    const [first, second] = members;
    const gap = first && second ? bytes.toString('utf8', first.end, second.keyStart) : ', ';
    const colon = bytes.toString('utf8', anchor.keyEnd, anchor.start);
    const added = missing.map(([name, value]) => `${gap}${JSON.stringify(name)}${colon}${value}`).join('');
    edits.push({ start: anchor.end, end: anchor.end, text: added });
  }
  edits.push(...removals(members, unwanted));
  return applyEdits(bytes, edits).toString('utf8');
}

/** Takes members out with the comma that belongs to them. At least one member stays. */
function removals(members: readonly Member[], unwanted: (index: number) => boolean): Edit[] {
  const lastKept = members.findLastIndex((_, index) => !unwanted(index));
  const edits: Edit[] = [];
  for (let index = 0; index < lastKept; index += 1) {
    const member = members[index];
    const next = members[index + 1];
    if (member && next && unwanted(index)) edits.push({ start: member.keyStart, end: next.keyStart, text: '' });
  }
  const kept = members[lastKept];
  const last = members.at(-1);
  if (kept && last && kept !== last) edits.push({ start: kept.end, end: last.end, text: '' });
  return edits;
}
