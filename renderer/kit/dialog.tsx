import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, type RefObject, useLayoutEffect, useId } from 'react';
import { useText } from '../messages/index.ts';
import { cx } from './class-names.ts';
import { mayClose, pushDialog } from './dialog-stack.ts';
import styles from './dialog.module.css';

export interface DialogProps {
  readonly open: boolean;
  /** Esc, the close button and a press outside. A dialog that must not be left returns without closing. */
  readonly onClose: () => void;
  /** Accessible name, exactly. */
  readonly title: string;
  /** What stands in the heading when it is more than the title's text, such as a key in monospace. */
  readonly heading?: ReactNode;
  readonly description?: ReactNode;
  readonly tone?: 'neutral' | 'production' | undefined;
  readonly width?: 's' | 'm' | 'l' | undefined;
  /** False keeps a press outside from closing it: for half-filled confirmations. */
  readonly closeOnOutsidePress?: boolean | undefined;
  /** What receives the focus first. Without it: the first element that can. */
  readonly initialFocus?: RefObject<HTMLElement | null> | undefined;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

/** Modal dialog: keeps the focus inside, closes with Esc, gives the focus back to where it was. */
export function Dialog(props: DialogProps) {
  const { open, onClose, title, heading, description, tone = 'neutral', width = 'm', actions, children } = props;
  const t = useText();
  const id = useId();
  useLayoutEffect(() => (open ? pushDialog(id) : undefined), [open, id]);
  return (
    <Base.Root
      open={open}
      onOpenChange={(next, { event }) => {
        if (!next && mayClose(id, event)) onClose();
      }}
      disablePointerDismissal={props.closeOnOutsidePress === false}
    >
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup
          className={cx(styles.popup, styles[`width-${width}`], tone === 'production' && styles.production)}
          aria-label={title}
          aria-labelledby={undefined}
          {...(props.initialFocus ? { initialFocus: props.initialFocus } : {})}
        >
          <header className={styles.header}>
            <Base.Title className={styles.title}>{heading ?? title}</Base.Title>
            <Base.Close className={styles.close} aria-label={t('kit.close')} title={t('kit.close')}>
              <X aria-hidden size={16} />
            </Base.Close>
          </header>
          {description ? <Base.Description className={styles.description}>{description}</Base.Description> : null}
          <div className={styles.body}>{children}</div>
          {actions ? <footer className={styles.actions}>{actions}</footer> : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
