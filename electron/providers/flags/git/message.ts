export interface ChangeWords {
  readonly key: string;
  readonly environment: string;
  /** Reason and name of the change. */
  readonly comment: string;
}

const SUBJECT = 72;

/** What the commit says: flag and environment as its subject, the reason in full, and trailers for tools. */
export function commitMessage({ environment, key, comment }: ChangeWords): string {
  const flag = key.replace(/\p{Cc}/gu, ' ');
  const subject = `scram: ${flag} in ${environment}`;
  const reason = comment
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .trim();
  const change = /\(scram change ([0-9a-f]+)\)/.exec(comment)?.[1];
  const trailers = [
    `Scram-Flag: ${flag}`,
    `Scram-Environment: ${environment}`,
    ...(change === undefined ? [] : [`Scram-Change: ${change}`]),
  ];
  const body = reason === '' ? '' : `${reason}\n\n`;
  return `${subject.length <= SUBJECT ? subject : `${subject.slice(0, SUBJECT - 1)}…`}\n\n${body}${trailers.join('\n')}\n`;
}
