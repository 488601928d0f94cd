import { Tooltip as Base } from '@base-ui/react/tooltip';
import { Fragment, type ReactElement, type ReactNode } from 'react';
import { cx } from './class-names.ts';
import { shortPath } from './short-path.ts';
import styles from './text.module.css';

/** A flag's key, a hash, a path: monospace, and never broken in silence. */
export function Code({ children, strong = false }: { readonly children: ReactNode; readonly strong?: boolean }) {
  return <code className={cx(styles.code, strong && styles.strong)}>{children}</code>;
}

/** A file's place on the disk, short enough to read; whole on hover. `suffix`: a line and column behind it. */
export function FilePath({ path, suffix = '', strong = false }: FilePathProps) {
  return (
    <code className={cx(styles.code, strong && styles.strong)} title={`${path}${suffix}`}>
      {shortPath(path)
        .split(/(?<=[\\/])/)
        .map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one path have no other name
          <Fragment key={index}>
            {index > 1 ? <wbr /> : null}
            {part}
          </Fragment>
        ))}
      {suffix}
    </code>
  );
}

export interface FilePathProps {
  readonly path: string;
  readonly suffix?: string | undefined;
  readonly strong?: boolean | undefined;
}

export function Kbd({ children }: { readonly children: ReactNode }) {
  return <kbd className={styles.kbd}>{children}</kbd>;
}

/** An environment's name; in capitals and in its own colour when it is production (B3). */
export function EnvironmentName({ name, tone }: { readonly name: string; readonly tone: 'production' | 'neutral' }) {
  return <span className={cx(styles.environment, tone === 'production' && styles.production)}>{name}</span>;
}

/** Words that show on hover and on focus. Nothing that is needed may stand in a tooltip alone. */
export function Tooltip({ text, children }: { readonly text: ReactNode; readonly children: ReactElement }) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} className={styles.positioner}>
          <Base.Popup className={styles.tooltip}>{text}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
