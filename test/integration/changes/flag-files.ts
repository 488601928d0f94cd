/** A flag file with what an edit may lose: odd spacing, unknown fields, an order of its own. */
export const JSON_FILE = `{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "team": { "owner" : "payments" },
  "flags": {
    "ops_disable_recs": {"state": "ENABLED", "variants": {"true": true, "false": false}, "defaultVariant": "false"},
    "enable_new_pricing": {
      "state":  "ENABLED",
      "x-note": [ 1,2 , 3 ],
      "variants": { "on": true, "off": false },
      "defaultVariant": "off",
      "targeting": {
        "fractional": [ ["on", 20], ["off", 80] ]
      }
    },
    "untouched": { "state": "DISABLED", "variants": { "a": 1, "b": 2 }, "defaultVariant": "a" }
  }
}
`;

export const YAML_FILE = `# Flags of the shop. Ask payments before you touch them.
flags:
  untouched: { state: DISABLED, variants: { a: 1, b: 2 }, defaultVariant: a }
  enable_new_pricing:   # rolled out since Monday
    state: ENABLED
    variants:
      "on": true
      "off": false
    defaultVariant: "off"
    targeting:          # one in five
      fractional:
        - ["on", 20]
        - ["off", 80]
`;
