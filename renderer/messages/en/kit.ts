export const kit = {
  'kit.close': 'Close',
  'kit.loading': 'Loading',
  'kit.retry': 'Try again',
  'kit.asOf': 'as of {time}',
  'kit.exposure.everyone': 'on for everyone',
  'kit.exposure.some': 'on for some',
  'kit.exposure.share': '{percentage, number} % of users',
  'kit.exposure.nobody': 'off for everyone',
  'kit.exposure.codeDefault': 'as in the code',
  'kit.exposure.unknown': 'unknown',
} as const;
