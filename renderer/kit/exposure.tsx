import { CircleDot, CircleDotDashed, CircleSlash2, Code2, type LucideIcon } from 'lucide-react';
import type { Exposure as ExposureName } from '../../shared/model/flag.ts';
import { type TextId, useText } from '../messages/index.ts';
import { StatusPill } from './status-pill.tsx';
import type { Tint } from './tint.ts';

const LOOK: Readonly<Record<ExposureName, { tint: Tint; icon: LucideIcon | undefined; text: TextId }>> = {
  everyone: { tint: 'neutral', icon: CircleDot, text: 'kit.exposure.everyone' },
  some: { tint: 'neutral', icon: CircleDotDashed, text: 'kit.exposure.some' },
  nobody: { tint: 'neutral', icon: CircleSlash2, text: 'kit.exposure.nobody' },
  'code-default': { tint: 'neutral', icon: Code2, text: 'kit.exposure.codeDefault' },
  unknown: { tint: 'grey', icon: undefined, text: 'kit.exposure.unknown' },
};

export interface ExposureProps {
  readonly exposure: ExposureName;
  /** Share of users with the feature, 0 to 100; null where rules do not tell. */
  readonly percentage: number | null;
  readonly killed: boolean;
}

/** Who gets the feature, as a sign and a word. Polarity is applied already: "nobody" means that the feature is off. */
export function Exposure({ exposure, percentage, killed }: ExposureProps) {
  const t = useText();
  // That it is off says nothing about who switched it off: an act is told by the history, never by the state.
  const look = LOOK[killed ? 'nobody' : exposure];
  const text =
    !killed && exposure === 'some' && percentage !== null ? t('kit.exposure.share', { percentage }) : t(look.text);
  return (
    <StatusPill tint={look.tint} icon={look.icon} quiet={exposure !== 'unknown'}>
      {text}
    </StatusPill>
  );
}
