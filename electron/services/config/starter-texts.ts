/** Texts that `scram init` writes. A test holds them against the model and against flagd's own reader. */

export const STARTER_CONFIG = `# yaml-language-server: $schema=./scram.schema.json
# Configuration of Scram. Editors that know YAML schemas complete and check this file; \`scram check\` does as well.
# Keep it in version control. Scram reads it again whenever it changes; secrets never belong here.
version: 1
team: my-team

# Environments by the names you use. \`tone: production\` marks the ones where a mistake hurts.
environments:
  production: { tone: production, propagationObjective: 30s }
  staging: {}

# Where flags and metrics come from.
connections:
  # Flags in flagd files, one for each environment, JSON or YAML. Scram writes to them when you kill or restore a flag.
  - id: flags
    kind: flagd
    files:
      production: ./production.flagd.json
      staging: ./staging.flagd.yaml
    refresh: 15s # what your services poll at: how long a change may take to reach them

  # Metrics from Prometheus.
  - id: prom
    kind: prometheus
    url: http://127.0.0.1:9090
    # credential: env:PROM_TOKEN   # the variable that holds a bearer token, or user:password
    # ca: ./ca.pem                 # a private authority's certificate

# Your services: the flags that change how they behave, and the SLIs that show whether they work.
services:
  - id: checkout
    owner: my-team
    flags:
      - { connection: flags, key: enable_new_pricing }
      - { connection: flags, key: ops_disable_recs }
    dependencies:
      - { id: recommendations, killSwitch: ops_disable_recs }
    slis:
      - id: p99
        name: p99 latency
        connection: prom
        query: histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[1m])))
        environment: production # or write env="$environment" into the query, and leave this line out
        unit: s
        objective: { below: 0.6 }
        # Users with the flag on against users with it off: $cohort becomes the value of \`on\`, then of \`off\`.
        cohort:
          flag: enable_new_pricing
          query: histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout",variant="$cohort"}[1m])))
          "on": "true"
          "off": "false"

# What the flag system does not know about a flag.
flags:
  - key: enable_new_pricing
    type: release
    owner: my-team
    fallback: prices of the old engine
  - key: ops_disable_recs
    type: ops
    polarity: disables # \`true\` turns the feature off, so that is what a kill serves
    fallback: popular items
    failState: feature-on
    critical: true

# What a change takes. Left out, one person can kill and restore.
policy:
  production:
    kill: { people: 1 }
    restore: { people: 1, rationale: true }
`;

export const STARTER_PRODUCTION = `{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "flags": {
    "enable_new_pricing": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "off",
      "targeting": { "fractional": [["on", 20], ["off", 80]] }
    },
    "ops_disable_recs": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "off"
    }
  }
}
`;

export const STARTER_STAGING = `$schema: https://flagd.dev/schema/v0/flags.json
flags:
  enable_new_pricing:
    state: ENABLED
    variants: { "on": true, "off": false }
    defaultVariant: "on"
  ops_disable_recs:
    state: ENABLED
    variants: { "on": true, "off": false }
    defaultVariant: "off"
`;

export const STARTER_README = `# Scram configuration

- \`scram.yaml\`: environments, connections, services and their SLIs. Change it to your own; each part says what it is for.
- \`production.flagd.json\`, \`staging.flagd.yaml\`: example flag files. Point \`connections\` to your own and delete these.
- \`scram.schema.json\`: lets editors complete and check \`scram.yaml\`.

\`\`\`
scram check .                              # every mistake, with line and what would be right
npm start -- --config ./scram.yaml         # open the console with it
scram status --config ./scram.yaml         # the same from a terminal
\`\`\`
`;

/** Every role that a first person needs; a second person with their own key is what four eyes then wait for. */
export const FOUNDER_ROLES = ['responder', 'release-manager', 'admin'] as const;

export function operatorsText({ id, name, publicKey }: { id: string; name: string; publicKey: string }): string {
  return `
# The people of the team. In force is what an admin has signed: roster.json holds it, \`scram roster sign\` adds a version.
# Everybody makes a key on each console that they unlock: \`scram operator enrol ID\` prints the line for publicKeys.
operators:
  - id: ${id}
    name: ${JSON.stringify(name)}
    roles: [${FOUNDER_ROLES.join(', ')}]
    publicKeys:
      - ${publicKey}
`;
}
