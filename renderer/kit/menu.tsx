import { Menu as Base } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';
import styles from './menu.module.css';

export interface MenuChoice {
  readonly value: string;
  readonly label: ReactNode;
  readonly hint?: ReactNode;
}

export interface ChoiceMenuProps {
  /** Accessible name of the button, exactly. */
  readonly label: string;
  readonly trigger: ReactNode;
  readonly triggerClassName?: string | undefined;
  readonly value: string;
  readonly choices: readonly MenuChoice[];
  readonly onChoose: (value: string) => void;
}

export interface ActionMenuProps {
  readonly trigger: ReactNode;
  readonly triggerClassName?: string | undefined;
  /** Accessible name of the list. */
  readonly label: string;
  readonly actions: readonly MenuChoice[];
  readonly onChoose: (value: string) => void;
}

/** A button, named by what is in it, that opens a list of things to do. */
export function ActionMenu({ trigger, triggerClassName, label, actions, onChoose }: ActionMenuProps) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger className={cx(styles.trigger, triggerClassName)}>{trigger}</Base.Trigger>
      <Base.Portal>
        <Base.Positioner className={styles.positioner} sideOffset={4} align="start">
          <Base.Popup className={styles.popup} aria-label={label}>
            {actions.map(({ value, label: words, hint }) => (
              <Base.Item key={value} className={cx(styles.item, styles.action)} onClick={() => onChoose(value)}>
                <span>{words}</span>
                {hint ? <span className={styles.itemHint}>{hint}</span> : null}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** A button that opens a list of choices, one of which holds. */
export function ChoiceMenu({ label, trigger, triggerClassName, value, choices, onChoose }: ChoiceMenuProps) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger className={cx(styles.trigger, triggerClassName)} aria-label={label}>
        {trigger}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className={styles.positioner} sideOffset={4} align="start">
          <Base.Popup className={styles.popup} aria-label={label}>
            <Base.RadioGroup value={value} onValueChange={(next: string) => onChoose(next)}>
              {choices.map((choice) => (
                <Base.RadioItem key={choice.value} value={choice.value} className={styles.item} closeOnClick>
                  <span className={styles.check}>
                    <Base.RadioItemIndicator>
                      <Check aria-hidden size={14} />
                    </Base.RadioItemIndicator>
                  </span>
                  <span>{choice.label}</span>
                  {choice.hint ? <span className={styles.itemHint}>{choice.hint}</span> : null}
                </Base.RadioItem>
              ))}
            </Base.RadioGroup>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
