import type { Edits } from './fixture.ts';

/** Odd on purpose: unknown fields, uneven layout, no newline at the end. */
export const JSON_TEXT = `{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "flags": {
    "enable_rollout": {
      "targeting": { "fractional": [["on", 20], ["off", 80]] },
      "x-note":   "kept as it is: 1.10, \\u00e9",
      "state": "ENABLED", "variants": { "on": true, "off": false },
      "defaultVariant": "off",
      "metadata": { "owner": "payments", "description": "New pricing é", "weight": 1.50 }
    },
    "enable_plain": {"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"},
\t"ops_disable_dep": { "state": "ENABLED", "variants": { "yes": true, "no": false }, "defaultVariant": "no" },
    "layout": { "state": "ENABLED", "variants": { "wide": "w", "narrow": "n" }, "defaultVariant": "wide" }
  },
  "metadata": { "flagSetId": "shop" }
}`;

export const JSON_EDITS: Edits = {
  change: {
    enable_rollout: ['["on", 20], ["off", 80]', '["on", 50], ["off", 50]'],
    enable_plain: ['"defaultVariant":"on"', '"defaultVariant":"off"'],
  },
  remove: { enable_plain: [/"enable_plain": .*,\n/, ''] },
};

export const YAML_TEXT = `# Flags of the shop
flags:
  enable_rollout:   # asked for by payments
    state: ENABLED
    # both of them
    variants: { on: true, off: false }
    defaultVariant: off  # safe

    targeting:
      fractional:
        - ["on", 20]   # small
        - ["off", 80]
      # end of the rules
    metadata:
      owner: payments
  # the next one
  enable_plain: { state: ENABLED, variants: {on: true, off: false}, defaultVariant: on } # inline
  ops_disable_dep:
    variants:
      "yes": true
      "no": false
    defaultVariant: "no"
    state: ENABLED
  layout: {state: ENABLED, variants: {wide: w, narrow: n}, defaultVariant: wide}
# the end`;

export const YAML_EDITS: Edits = {
  change: {
    enable_rollout: ['["on", 20]', '["on", 50]'],
    enable_plain: ['defaultVariant: on }', 'defaultVariant: off }'],
  },
  remove: { enable_plain: [/ {2}enable_plain: .*\n/, ''] },
};
