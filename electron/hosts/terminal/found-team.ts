/** The first person of a team, its first admin (D5). */
export interface FoundTeamRequest {
  /** Folder of the configuration, absolute; made when it is not there. Never overwrites a file. */
  readonly directory: string;
  /** Data folder in whose vault the person's key is made. */
  readonly dataDir: string;
  readonly operator: { readonly id: string; readonly name: string };
  readonly passphrase: string;
}

export interface FoundedTeam {
  readonly directory: string;
  /** Names of what was written: the starter, and roster.json with version 1. */
  readonly files: readonly string[];
  readonly publicKey: string;
  /** Of that key, as people compare it by voice. */
  readonly fingerprint: string;
}

/**
 * Writes the starter with this person as its only operator, in every role that a first person needs; makes their key in
 * the data folder's vault; and signs the first roster. All of it or none.
 */
export type FoundTeam = (request: FoundTeamRequest) => Promise<FoundedTeam>;
