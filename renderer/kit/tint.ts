/** red: breach, destructive. amber: warning, stale. green: verified good. blue: information. grey: unknown. */
export type Tint = 'red' | 'amber' | 'green' | 'blue' | 'grey' | 'neutral';
