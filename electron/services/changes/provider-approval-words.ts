import type { EntryData } from '../../../shared/model/entry.ts';

export type ProviderApprovalData = Extract<EntryData, { kind: 'change.provider-approval' }>;

/** What a person reads while the provider's own approval is outstanding: where it is to be given, and how it stands. */
export function approvalWords({ status, url, detail, id }: ProviderApprovalData): string {
  const where = url ?? (id === '' ? 'the flag system' : `approval ${id} in the flag system`);
  const said = detail === null ? '' : ` (${detail})`;
  switch (status) {
    case 'waiting':
      return `an approval was asked for, and waits to be given at ${where}${said}`;
    case 'approved':
      return `approved at ${where}, and to be applied there${said}`;
    case 'refused':
      return `the approval was refused at ${where}${said}`;
    case 'applied':
      return `approved and applied at ${where}${said}`;
    case 'failed':
      return id === ''
        ? `the flag system asks for an approval of its own, and none could be asked for from here${said}: open one there`
        : `the approval at ${where} came to nothing${said}`;
  }
}
