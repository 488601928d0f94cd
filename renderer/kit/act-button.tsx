import type { Right } from '../../shared/model/operator.ts';
import { Button, type ButtonProps } from './button.tsx';
import { useRefusal } from './refusal.ts';
import { Tooltip } from './text.tsx';

export interface ActButtonProps extends ButtonProps {
  /** What it takes; left out: to act. */
  readonly needs?: Exclude<Right, 'view'> | undefined;
}

/**
 * A button of something that not everybody may do. Whoever may not finds it disabled with the reason, on hover and on
 * focus, never hidden; on a locked console it leads to Unlock (D5).
 */
export function ActButton({ needs = 'act', ...button }: ActButtonProps) {
  const refusal = useRefusal(needs);
  if (refusal === null) return <Button {...button} />;
  return (
    <Tooltip text={refusal}>
      <Button {...button} aria-disabled aria-description={refusal} onClick={undefined} />
    </Tooltip>
  );
}
