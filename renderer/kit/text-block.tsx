import { Copy } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { useText } from '../messages/index.ts';
import { Button, type ButtonSize } from './button.tsx';
import { cx } from './class-names.ts';
import styles from './text-block.module.css';

export interface CopyButtonProps {
  readonly text: string;
  /** Words of the button; left out: "Copy". */
  readonly label?: string | undefined;
  readonly size?: ButtonSize | undefined;
  /** Called where the browser refuses: whoever holds the text selects it, so that the keyboard copies it. */
  readonly onRefused?: (() => void) | undefined;
}

/** Copies, and says whether it did. */
export function CopyButton({ text, label, size = 's', onRefused }: CopyButtonProps) {
  const t = useText();
  const [said, setSaid] = useState<'copied' | 'refused' | null>(null);
  const copy = () => {
    const refused = () => {
      setSaid('refused');
      onRefused?.();
    };
    if (!navigator.clipboard) return refused();
    navigator.clipboard.writeText(text).then(() => setSaid('copied'), refused);
  };
  return (
    <span className={styles.actions}>
      <span role="status" className={styles.copied}>
        {said === null ? '' : t(`kit.${said}`)}
      </span>
      <Button size={size} icon={Copy} onClick={copy}>
        {label ?? t('kit.copy')}
      </Button>
    </span>
  );
}

export interface TextBlockProps {
  /** Accessible name. */
  readonly label: string;
  readonly text: string;
  readonly rows?: number | undefined;
  /** Words for people rather than a key or an armoured block. */
  readonly plain?: boolean | undefined;
  readonly copyLabel?: string | undefined;
}

/** Text that is carried somewhere else: read-only, whole, and copied with one press (A8, D4). */
export function TextBlock({ label, text, rows = 4, plain = false, copyLabel }: TextBlockProps) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  return (
    <div className={styles.block}>
      <div className={styles.head}>
        <label className={styles.label} htmlFor={id}>
          {label}
        </label>
        <CopyButton
          text={text}
          label={copyLabel}
          onRefused={() => {
            area.current?.focus();
            area.current?.select();
          }}
        />
      </div>
      <textarea
        ref={area}
        id={id}
        readOnly
        rows={rows}
        spellCheck={false}
        value={text}
        className={cx(styles.text, plain && styles.plain)}
        onFocus={(event) => event.currentTarget.select()}
      />
    </div>
  );
}
