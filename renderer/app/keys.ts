import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { isDialogOpen, usePage } from '../kit/index.ts';
import { viewKeys } from '../kit/view-keys.ts';
import { VIEWS } from './views.ts';

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      // A checkbox takes no letters: the keys go on working after one was ticked.
      target.matches(
        'input:not([type="checkbox"]), textarea, select, [role="combobox"], [role="menuitem"], [role="menuitemradio"]',
      ))
  );
}

/** Keys of the whole page (UI.md, Feel). None of them acts on a flag: X only opens the confirmation. */
export function useKeys(): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const page = usePage.getState();
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        if (page.overlay === 'palette') page.closeDialogs();
        else page.openOverlay('palette');
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isDialogOpen(page)) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"], [role="alertdialog"]')) return;
      if (plainKey(event, navigate)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}

/** True when the key meant something. */
function plainKey(event: KeyboardEvent, navigate: (path: string) => void): boolean {
  const page = usePage.getState();
  const view = VIEWS.find((candidate) => candidate.digit === event.key.toLowerCase());
  if (view) {
    navigate(view.path);
    return true;
  }
  switch (event.key.toLowerCase()) {
    case '?':
      page.openOverlay('help');
      return true;
    case '/': {
      const search = document.querySelector<HTMLElement>('[data-search]');
      if (search) search.focus();
      else page.openOverlay('palette');
      return true;
    }
    case 'j':
      viewKeys()?.move(1);
      return true;
    case 'k':
      viewKeys()?.move(-1);
      return true;
    case 'x':
      if (page.selected && page.environment) page.askKill({ ...page.selected, environment: page.environment });
      return true;
    case 'm':
      if (page.selected) page.toggleMark(page.selected);
      return true;
    case 'enter':
      // A focused button or link keeps its own meaning.
      if (event.target instanceof HTMLElement && event.target.closest('a, button, summary')) return false;
      viewKeys()?.open?.();
      return true;
    default:
      return false;
  }
}
