export const kit = {
  'kit.close': 'Close',
  'kit.loading': 'Loading',
  'kit.retry': 'Try again',
  'kit.asOf': 'as of {time}',
  'kit.exposure.everyone': 'everyone',
  'kit.exposure.some': 'some users',
  'kit.exposure.share': '{percentage, number} % of users',
  'kit.exposure.nobody': 'nobody',
  'kit.exposure.codeDefault': 'as in the code',
  'kit.exposure.unknown': 'unknown',
  'kit.exposure.killed': 'off for everyone',
} as const;
