import { Lock } from 'lucide-react';
import { useRights } from '../../client/index.ts';
import { Button, Strip, useUnlock } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';

/** Says, across every view, that this console shows everything and changes nothing until somebody unlocks it (E1). */
export function LockStrip() {
  const t = useText();
  const ask = useUnlock((state) => state.ask);
  const { locked, people } = useRights();
  if (!locked) {
    const me = people?.me;
    const known = !people?.enforced || !me || people.roster.operators.some(({ id }) => id === me.operator);
    return known ? null : (
      <Strip icon={Lock} tint="amber">
        {t('people.refusal.notInRoster', { name: me.name })}
      </Strip>
    );
  }
  return (
    <Strip
      icon={Lock}
      tint="blue"
      action={
        <Button size="s" onClick={() => void ask()}>
          {t('people.unlockAsk')}
        </Button>
      }
    >
      {t('people.strip')}
    </Strip>
  );
}
