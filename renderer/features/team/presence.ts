import type { Presence, TeamState } from '../../../shared/model/team.ts';

/** Who is at the other consoles. */
export function othersOf(team: TeamState | undefined, own: string | undefined): readonly Presence[] {
  return (team?.presence ?? []).filter(({ device }) => device !== own);
}

export function presenceText({ doing }: Presence, name: string): string {
  return doing === '' ? name : `${name} · ${doing}`;
}
