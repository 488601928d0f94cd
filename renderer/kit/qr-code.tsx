import styles from './armoured.module.css';

export interface QrCodeProps {
  /** Accessible name. */
  readonly label: string;
  /** Rows of modules, true for dark. */
  readonly modules: readonly (readonly boolean[])[];
}

/** Light border around the code that readers need, modules (ISO/IEC 18004). */
const QUIET = 4;

/** So large that a phone held before the screen tells the modules apart. */
const MODULE_PX = 3;

/** Dark on light in every theme: readers expect it. */
export function QrCode({ label, modules }: QrCodeProps) {
  const size = modules.length + 2 * QUIET;
  const path = modules
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])))
    .join('');
  return (
    <svg
      role="img"
      aria-label={label}
      width={size * MODULE_PX}
      height={size * MODULE_PX}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className={styles.qr}
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
