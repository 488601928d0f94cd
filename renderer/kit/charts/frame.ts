import type { TimeAxis } from './axis.ts';
import type { Scale } from './scale.ts';

export const AXIS_WIDTH = 56;
export const AXIS_HEIGHT = 22;
/** Room for the labels of flag changes and deploys. */
export const LABEL_ROW = 17;
export const LABEL_ROWS = 2;

/** Measures of one chart, pixels: the lines are drawn between `left` and `width - right`, `top` and `bottom`. */
export interface PlotFrame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function plotFrame(width: number, height: number, lineLabels: boolean): PlotFrame {
  return {
    width,
    height,
    left: AXIS_WIDTH,
    right: lineLabels ? 92 : 12,
    top: LABEL_ROW * LABEL_ROWS + 4,
    bottom: height - AXIS_HEIGHT,
  };
}

export function timeToX(frame: PlotFrame, axis: TimeAxis, atMs: number): number {
  const share = (atMs - axis.fromMs) / (axis.toMs - axis.fromMs);
  return frame.left + share * (frame.width - frame.left - frame.right);
}

export function xToTime(frame: PlotFrame, axis: TimeAxis, x: number): number {
  const share = (x - frame.left) / (frame.width - frame.left - frame.right);
  return axis.fromMs + share * (axis.toMs - axis.fromMs);
}

export function valueToY(frame: PlotFrame, scale: Scale, value: number): number {
  const share = (value - scale.low) / (scale.high - scale.low);
  return frame.bottom - Math.min(1, Math.max(0, share)) * (frame.bottom - frame.top);
}
