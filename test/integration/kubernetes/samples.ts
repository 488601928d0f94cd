/** `spec.flagSpec` of a FeatureFlag: what its schema has, and nothing else. */
export const FLAG_SPEC = {
  flags: {
    enable_rollout: {
      state: 'ENABLED',
      variants: { on: true, off: false },
      defaultVariant: 'off',
      targeting: {
        fractional: [
          ['on', 20],
          ['off', 80],
        ],
      },
    },
    enable_plain: { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' },
    ops_disable_dep: { state: 'ENABLED', variants: { yes: true, no: false }, defaultVariant: 'no' },
    layout: { state: 'ENABLED', variants: { wide: 'w', narrow: 'n' }, defaultVariant: 'wide' },
  },
  $evaluators: { staff: { in: ['@example.com', { var: 'email' }] } },
};
