import { Link, useLocation } from 'wouter';
import { useStream } from '../client/index.ts';
import { useText } from '../messages/index.ts';
import styles from './navigation.module.css';
import { VIEWS } from './views.ts';

const WAITING = 'navigation-waiting';
/** More are still told whole to screen readers, and in the title. */
const MOST_COUNTED = 99;

export function Navigation() {
  const t = useText();
  const [path] = useLocation();
  const waiting = useStream('approvals.watch', {}).data?.forMe ?? 0;
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
              <Link
                href={to}
                className={styles.link ?? ''}
                aria-current={here ? 'page' : undefined}
                {...(to === '/approvals' && waiting > 0 ? { 'aria-describedby': WAITING } : {})}
              >
                <Icon aria-hidden size={16} />
                <span className={styles.label}>{t(text)}</span>
                {to === '/approvals' && waiting > 0 ? (
                  <span aria-hidden className={styles.badge}>
                    {waiting > MOST_COUNTED ? `${MOST_COUNTED}+` : waiting}
                  </span>
                ) : null}
              </Link>
            </li>
          );
        })}
      </ul>
      {/* Beside the link, so that its name stays the view's. */}
      <span id={WAITING} hidden>
        {t('shell.nav.waiting', { count: waiting })}
      </span>
    </nav>
  );
}
