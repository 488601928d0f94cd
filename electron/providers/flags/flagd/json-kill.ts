import { type Member, scanObject } from './json-scan.ts';
import { applyEdits, type Edit } from './position.ts';

/** Edits the source of one JSON definition so that it serves `variant` to everyone; keeps every other byte. */
export function killJson(text: string, variant: string): string {
  const bytes = Buffer.from(text, 'utf8');
  const { members } = scanObject(bytes, 0);
  const name = (member: Member): unknown => JSON.parse(bytes.toString('utf8', member.keyStart, member.keyEnd));
  const edits: Edit[] = [];
  const served = JSON.stringify(variant);
  let hasDefault = false;
  for (const member of members) {
    // A field that stands twice is set twice: which of them counts is up to the reader.
    if (name(member) === 'state') edits.push({ start: member.start, end: member.end, text: '"ENABLED"' });
    if (name(member) !== 'defaultVariant') continue;
    hasDefault = true;
    edits.push({ start: member.start, end: member.end, text: served });
  }
  const state = members.findLast((member) => name(member) === 'state');
  if (!hasDefault && state) {
    const [first, second] = members;
    const gap = first && second ? bytes.toString('utf8', first.end, second.keyStart) : ', ';
    const colon = bytes.toString('utf8', state.keyEnd, state.start);
    edits.push({ start: state.end, end: state.end, text: `${gap}"defaultVariant"${colon}${served}` });
  }
  edits.push(...removals(members, (member) => name(member) === 'targeting'));
  return applyEdits(bytes, edits).toString('utf8');
}

/** Takes members out with the comma that belongs to them. At least one member stays. */
function removals(members: readonly Member[], unwanted: (member: Member) => boolean): Edit[] {
  const lastKept = members.findLastIndex((member) => !unwanted(member));
  const edits: Edit[] = [];
  for (let index = 0; index < lastKept; index += 1) {
    const member = members[index];
    const next = members[index + 1];
    if (member && next && unwanted(member)) edits.push({ start: member.keyStart, end: next.keyStart, text: '' });
  }
  const kept = members[lastKept];
  const last = members.at(-1);
  if (kept && last && kept !== last) edits.push({ start: kept.end, end: last.end, text: '' });
  return edits;
}
