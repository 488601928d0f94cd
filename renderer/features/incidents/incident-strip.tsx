import { Siren } from 'lucide-react';
import { Link } from 'wouter';
import { useStream } from '../../client/index.ts';
import { clockTime, Strip } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { openIn } from './open-in.ts';

/** In every view while an incident is open for the environment in sight: what is held, and since when (D9). */
export function IncidentStrip({ environment }: { readonly environment: string }) {
  const t = useText();
  const incidents = useStream('incidents.watch', {}).data?.incidents ?? [];
  return openIn(incidents, environment).map(({ id, title, openedAtMs }) => (
    <Strip key={id} icon={Siren} tint="amber" action={<Link href="/incidents">{t('incidents.show')}</Link>}>
      {t('incidents.strip', { title, time: clockTime(openedAtMs) })}
    </Strip>
  ));
}
