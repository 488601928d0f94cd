import { useLocation } from 'wouter';
import type { FlagRow } from '../../../shared/model/flag.ts';
import type { Suspect } from '../../../shared/model/suspect.ts';
import { flagPath, usePage, useViewKeys } from '../../kit/index.ts';

/** J and K go through the suspects, then the other flags of the service; Enter opens the flag's page. */
export function useNowKeys(suspects: readonly Suspect[], rows: readonly FlagRow[]): void {
  const [, navigate] = useLocation();
  useViewKeys({
    move: (step) => {
      const flags = flagsInOrder(suspects, rows);
      const { selected, select } = usePage.getState();
      const at = flags.findIndex((flag) => flag.key === selected?.key && flag.connection === selected.connection);
      const next = at < 0 ? (step > 0 ? 0 : flags.length - 1) : Math.min(Math.max(at + step, 0), flags.length - 1);
      const flag = flags[next];
      if (flag) select(flag);
    },
    open: () => {
      const { selected } = usePage.getState();
      if (selected) navigate(flagPath(selected));
    },
  });
}

export function flagsInOrder(
  suspects: readonly Suspect[],
  rows: readonly FlagRow[],
): { connection: string; key: string }[] {
  const flags = suspects.flatMap(({ marker }) =>
    marker.kind === 'flag' ? [{ connection: marker.connection, key: marker.subject }] : [],
  );
  for (const { connection, key } of rows) {
    if (!flags.some((flag) => flag.key === key && flag.connection === connection)) flags.push({ connection, key });
  }
  return flags;
}
