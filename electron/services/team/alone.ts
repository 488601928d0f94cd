import { ScramError } from '../../../shared/model/error.ts';
import type { TeamState } from '../../../shared/model/team.ts';
import type { TeamService } from './api.ts';
import type { TeamServiceOptions } from './options.ts';

/** A console of no team: what it holds is shown, and there is nobody to exchange it with. */
export function aloneService(options: TeamServiceOptions): TeamService {
  return {
    state: () => ({
      configured: false,
      state: 'none',
      lastSyncAtMs: null,
      waiting: 0,
      problem: null,
      ...heldHere(options),
      presence: [],
    }),
    onChange: () => ({ dispose: () => {} }),
    setDoing: () => {},
    async syncNow() {
      throw new ScramError('refused', 'no team store is configured', { action: 'Add teamStore to scram.yaml.' });
    },
    dispose: () => {},
  };
}

/** The chains as they are held here, with the people of their consoles. */
export function heldHere({ chains, peopleOf }: TeamServiceOptions): Pick<TeamState, 'chains' | 'quarantined'> {
  return {
    chains: chains.chains().map((chain) => (peopleOf ? { ...chain, operators: [...peopleOf(chain.device)] } : chain)),
    quarantined: [...chains.quarantined()],
  };
}
