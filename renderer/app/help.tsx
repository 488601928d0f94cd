import { Dialog, KeysList, usePage } from '../kit/index.ts';
import { useText } from '../messages/index.ts';

export function Help() {
  const t = useText();
  const close = usePage((page) => page.closeDialogs);
  return (
    <Dialog open onClose={close} title={t('shell.help')}>
      <KeysList />
    </Dialog>
  );
}
