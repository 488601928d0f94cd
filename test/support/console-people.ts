import type { ServicePorts } from '../../electron/compose/services.ts';
import { createVaultFiles } from '../../electron/platform/vault-files.ts';
import { dataPaths } from '../../electron/platform/paths.ts';
import type { Ledger } from '../../electron/services/ledger/api.ts';
import { createNotifyBacklog } from '../../electron/services/notify/backlog.ts';
import { createPeopleService } from '../../electron/services/operators/people-service.ts';
import type { Clock } from '../../electron/services/ports.ts';
import { createOpenedCredentials } from '../../electron/services/vault/opened.ts';
import { createVault } from '../../electron/services/vault/vault.ts';
import { testDevice } from './people.ts';

const silent = { info() {}, warn() {}, error() {} };

/** The people's side of `createServices` where the configuration names no operators. */
export async function consoleOfNobody(
  ledger: Ledger,
  clock: Clock,
  folder: string,
): Promise<Pick<ServicePorts, 'people' | 'vault' | 'opened' | 'onUsable' | 'backlog'>> {
  const vault = await createVault({
    files: createVaultFiles(dataPaths(folder)),
    clock,
    log: silent,
    keychain: null,
    devicePublicKey: testDevice().publicKey,
  });
  const config = {
    team: 'test',
    operators: [],
    lockAfterMs: null,
    vault,
    keychain: false,
    rosterFile: null,
    practice: null,
  };
  const people = createPeopleService({ ledger }, { clock, log: silent }, config);
  return {
    people,
    vault,
    opened: createOpenedCredentials(clock, () => undefined),
    onUsable: () => undefined,
    backlog: createNotifyBacklog(() => undefined),
  };
}
