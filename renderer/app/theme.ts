import { type ThemeChoice, usePage } from '../kit/index.ts';
import { useLanguage } from '../messages/index.ts';

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const contrast = window.matchMedia('(prefers-contrast: more)');

function resolved(choice: ThemeChoice): 'light' | 'dark' | 'contrast' {
  if (choice !== 'system') return choice;
  if (contrast.matches) return 'contrast';
  return dark.matches ? 'dark' : 'light';
}

/** Puts theme and language on the root element now and at each change, before the page draws for the first time. */
export function followTheme(): void {
  const apply = () => {
    document.documentElement.dataset.theme = resolved(usePage.getState().theme);
    document.documentElement.lang = useLanguage.getState().language;
  };
  apply();
  usePage.subscribe(apply);
  useLanguage.subscribe(apply);
  dark.addEventListener('change', apply);
  contrast.addEventListener('change', apply);
}
