import { ImageUp } from 'lucide-react';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import type { Armoured } from '../../shared/model/approval.ts';
import { useText } from '../messages/index.ts';
import { Button } from './button.tsx';
import styles from './armoured.module.css';
import { TextArea } from './field.tsx';
import { QrCode } from './qr-code.tsx';
import { readQr } from './read-qr.ts';
import { TextBlock } from './text-block.tsx';

/** A signed text block to be carried over any channel, and the same as a QR code where it fits into one (D4). */
export function ArmouredOut({ label, block }: { readonly label: string; readonly block: Armoured }) {
  const t = useText();
  return (
    <div className={styles.out}>
      <TextBlock label={label} text={block.text} rows={9} />
      {block.qr === null ? (
        <p className={styles.tooLong}>{t('kit.qrTooLong')}</p>
      ) : (
        <QrCode label={t('kit.qrOf')} modules={block.qr} />
      )}
    </div>
  );
}

export interface ArmouredInProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly submit: string;
  readonly busy: boolean;
  /** What was wrong with what was given last. */
  readonly problem: string | null;
  readonly onText: (text: string) => void;
}

/** Takes a text block in, pasted or read from the image of a QR code. The camera is never used. */
export function ArmouredIn({ label, hint, submit, busy, problem, onText }: ArmouredInProps) {
  const t = useText();
  const area = useRef<HTMLTextAreaElement>(null);
  const image = useRef<HTMLInputElement>(null);
  const imageId = useId();
  const [unread, setUnread] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    const text = area.current?.value.trim() ?? '';
    setUnread(false);
    if (text === '') area.current?.focus();
    else if (!busy) onText(text);
  };
  const read = async (file: File | undefined) => {
    if (!file) return;
    const text = await readQr(file).catch(() => null);
    setUnread(text === null);
    if (text === null || !area.current) return;
    area.current.value = text;
    onText(text);
  };
  return (
    <form className={styles.in} onSubmit={send}>
      <TextArea
        ref={area}
        label={label}
        hint={hint}
        problem={unread ? t('kit.qrUnread') : (problem ?? undefined)}
        rows={4}
        maxLength={100_000}
        spellCheck={false}
        autoComplete="off"
        className={styles.paste}
      />
      <div className={styles.buttons}>
        <Button type="submit" busy={busy}>
          {submit}
        </Button>
        <Button icon={ImageUp} onClick={() => image.current?.click()}>
          {t('kit.qrFromImage')}
        </Button>
        <input
          ref={image}
          id={imageId}
          type="file"
          accept="image/*"
          tabIndex={-1}
          aria-label={t('kit.qrFromImage')}
          className="visually-hidden"
          onChange={(event) => {
            const input = event.currentTarget;
            void read(input.files?.[0]).finally(() => {
              // The same file may be tried once more.
              input.value = '';
            });
          }}
        />
      </div>
    </form>
  );
}
