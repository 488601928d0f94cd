/** Upper half, lower half of one character cell, which is twice as high as wide. */
const CELLS = { ff: '█', ft: '▀', tf: '▄', tt: ' ' } as const;

/**
 * A QR code for the terminal, two rows of modules to a line. Light modules are drawn, dark ones left out: on a dark
 * terminal that is the right way round, and readers take the inverse of a light one.
 */
export function qrText(rows: readonly (readonly boolean[])[]): string {
  const lines: string[] = [];
  for (let y = 0; y < rows.length; y += 2) {
    const [upper = [], lower] = [rows[y], rows[y + 1]];
    lines.push(upper.map((dark, x) => CELLS[`${dark ? 't' : 'f'}${(lower?.[x] ?? false) ? 't' : 'f'}`]).join(''));
  }
  return lines.join('\n');
}
