import { Link, useLocation } from 'wouter';
import { useText } from '../messages/index.ts';
import styles from './navigation.module.css';
import { VIEWS } from './views.ts';

export function Navigation() {
  const t = useText();
  const [path] = useLocation();
  return (
    <nav className={styles.nav} aria-label={t('shell.navigation')}>
      <div className={styles.name}>
        <img src="/icon.svg" alt="" width={20} height={20} />
        Scram
      </div>
      <ul className={styles.list}>
        {VIEWS.filter((view) => view.inNavigation).map(({ path: to, text, icon: Icon }) => {
          const here = path === to || path.startsWith(`${to}/`);
          return (
            <li key={to}>
              <Link href={to} className={styles.link ?? ''} aria-current={here ? 'page' : undefined}>
                <Icon aria-hidden size={16} />
                <span>{t(text)}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
