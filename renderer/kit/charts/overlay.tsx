import { Flag, Rocket } from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import type { Marker } from '../../../shared/model/marker.ts';
import type { SeriesName, SliUnit } from '../../../shared/model/sli.ts';
import { useText } from '../../messages/index.ts';
import { cx } from '../class-names.ts';
import { clockTime } from '../time.tsx';
import { formatValue } from '../units.ts';
import type { TimeAxis } from './axis.ts';
import styles from './chart.module.css';
import { useCrosshair } from './crosshair.ts';
import { LABEL_ROW, LABEL_ROWS, type PlotFrame, timeToX, valueToY } from './frame.ts';
import { placeLabels, spread } from './labels.ts';
import type { Scale } from './scale.ts';

const LETTER_WIDTH = 6.8;
const LONGEST_LABEL = 26;

/** `enable_new_pricing 0→20 %`. */
function markerWords(marker: Marker): string {
  const { subject, fromPercentage: from, toPercentage: to } = marker;
  const share = to === null ? '' : from === null || from === to ? ` ${to} %` : ` ${from}→${to} %`;
  const most = LONGEST_LABEL - share.length;
  return `${subject.length > most ? `${subject.slice(0, most - 1)}…` : subject}${share}`;
}

export interface MarkersProps {
  readonly frame: PlotFrame;
  readonly axis: TimeAxis;
  readonly markers: readonly Marker[];
}

/** Flag changes and deploys as labelled vertical lines (A3). */
export const Markers = memo(function Markers({ frame, axis, markers }: MarkersProps) {
  const t = useText();
  const lines = markers
    .filter((marker) => marker.atMs >= axis.fromMs && marker.atMs <= axis.toMs)
    .map((marker) => {
      const words = markerWords(marker);
      const at = timeToX(frame, axis, marker.atMs);
      // On the wider side of its line there is always room for a label that is cut short.
      const width = Math.min(words.length * LETTER_WIDTH + 22, Math.max(at, frame.width - at));
      return { id: marker.id, marker, words, at, width };
    });
  const places = placeLabels(lines, frame.width, LABEL_ROWS);
  return (
    <>
      {lines.map(({ id, marker, words, at, width }) => {
        const place = places.get(id);
        const Icon = marker.kind === 'flag' ? Flag : Rocket;
        const title = t(marker.kind === 'flag' ? 'charts.flagChanged' : 'charts.deployed', {
          subject: marker.subject,
          time: clockTime(marker.atMs, true),
          approximate: marker.approximate ? 'yes' : 'no',
        });
        return (
          <div
            key={id}
            className={cx(styles.marker, styles[marker.kind])}
            style={{ left: at, top: (place?.row ?? LABEL_ROWS) * LABEL_ROW, bottom: frame.height - frame.bottom }}
            title={title}
          >
            {place ? (
              <span
                className={cx(styles.markerLabel, place.side === 'left' && styles.markerLeft)}
                style={{ maxWidth: width }}
              >
                <Icon aria-hidden size={11} />
                <span className={styles.markerWords}>{words}</span>
              </span>
            ) : null}
          </div>
        );
      })}
    </>
  );
});

export interface LineLabelsProps {
  readonly frame: PlotFrame;
  readonly scale: Scale;
  readonly unit: SliUnit;
  readonly language: string;
  readonly ends: readonly { readonly name: SeriesName; readonly value: number }[];
}

/** The name of each line and its value, at the line's end: no legend to look up (UI.md). */
export const LineLabels = memo(function LineLabels({ frame, scale, unit, language, ends }: LineLabelsProps) {
  const t = useText();
  const placed = spread(
    ends.map((item) => ({ item, at: valueToY(frame, scale, item.value) })),
    14,
    frame.top,
    frame.bottom,
  );
  return (
    <>
      {placed.map(({ item, at }) => (
        <span
          key={item.name}
          className={cx(styles.lineLabel, styles[item.name])}
          style={{ top: at, left: frame.width - frame.right + 5 }}
        >
          {t(`charts.line.${item.name}`)} {formatValue(item.value, unit, language)}
        </span>
      ))}
    </>
  );
});

/** The shared crosshair: moved through the DOM, so that a moving pointer renders nothing again. */
export function Crosshair({ frame, axis }: { readonly frame: PlotFrame; readonly axis: TimeAxis }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const draw = (atMs: number | null) => {
      const element = line.current;
      if (!element) return;
      const inside = atMs !== null && atMs >= axis.fromMs && atMs <= axis.toMs;
      element.hidden = !inside;
      if (inside) element.style.transform = `translateX(${timeToX(frame, axis, atMs)}px)`;
    };
    draw(useCrosshair.getState().atMs);
    return useCrosshair.subscribe((state) => draw(state.atMs));
  }, [frame, axis]);
  return (
    <div ref={line} hidden className={styles.crosshair} style={{ top: frame.top, height: frame.bottom - frame.top }} />
  );
}
