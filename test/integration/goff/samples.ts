import type { Edits } from '../document/file-fixture.ts';

/** Odd on purpose: comments, names that look like booleans, uneven layout, no newline at the end. */
export const YAML_TEXT = `# Flags of the shop
enable_rollout:   # asked for by payments
  variations:
    True: true   # the feature
    False: false
  # not yet
  targeting:
    - name: staff
      query: team eq "staff"
      variation: True
      disable: true

  defaultRule:
    percentage: # of everyone else
      True: 20
      False: 80
    # end of the rule
  trackEvents: true
  version: "1.10"
  metadata:
    owner: payments
# the next one
enable_plain: { variations: {on: true, off: false}, defaultRule: {variation: on} } # inline
ops_disable_dep:
  defaultRule:
    variation: "no"
  variations:
    "yes": true
    "no": false
  disable: false
layout: {variations: {wide: w, narrow: n}, defaultRule: {variation: wide}}
# the end`;

export const YAML_EDITS: Edits = {
  change: {
    enable_rollout: ['True: 20', 'True: 50'],
    enable_plain: ['defaultRule: {variation: on}', 'defaultRule: {variation: off}'],
  },
  remove: { enable_plain: [/enable_plain: .*\n/, ''] },
};

export const JSON_TEXT = `{
  "enable_rollout": {
    "defaultRule": { "percentage": { "on": 20, "off": 80 } },
    "variations": { "on": true,   "off": false },
    "trackEvents": false, "metadata": { "owner": "payments", "description": "New pricing \\u00e9", "weight": 1.50 }
  },
  "enable_plain": {"variations":{"on":true,"off":false},"defaultRule":{"variation":"on"}},
\t"ops_disable_dep": { "variations": { "yes": true, "no": false }, "defaultRule": { "variation": "no" } },
  "layout": { "variations": { "wide": "w", "narrow": "n" }, "defaultRule": { "variation": "wide" } }
}`;

export const JSON_EDITS: Edits = {
  change: {
    enable_rollout: ['"on": 20, "off": 80', '"on": 50, "off": 50'],
    enable_plain: ['"defaultRule":{"variation":"on"}', '"defaultRule":{"variation":"off"}'],
  },
  remove: { enable_plain: [/"enable_plain": .*\n/, ''] },
};
