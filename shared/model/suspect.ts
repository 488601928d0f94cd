import { z } from 'zod';
import { markerSchema } from './marker.ts';
import { messageSchema } from './text.ts';

/** A change that may explain a breach, ranked, with the reasons for its rank (A7). */
export const suspectSchema = z.strictObject({
  marker: markerSchema,
  /** 0 to 1; only for ordering and for showing how far apart two suspects are. */
  score: z.number().min(0).max(1),
  reasons: z.array(messageSchema).min(1),
});
export type Suspect = z.infer<typeof suspectSchema>;
