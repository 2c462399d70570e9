import { liveState, serverCount } from '../live/live.ts';
import { href, type Route, route } from '../router.ts';
import { may, session, signOut } from '../sign-in/session.ts';
import { texts } from '../texts.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Logo } from './logo.tsx';

interface Tab {
  readonly icon: IconName;
  readonly target: Route;
  readonly permission: string;
}

const TABS: readonly Tab[] = [
  { icon: 'photos', target: { page: 'photos', filter: 'all' }, permission: 'photos:read' },
  { icon: 'map', target: { page: 'map' }, permission: 'stock:read' },
  { icon: 'stock', target: { page: 'stock' }, permission: 'stock:read' },
  { icon: 'servers', target: { page: 'servers' }, permission: 'system:read' },
  { icon: 'edge', target: { page: 'boxes' }, permission: 'edges:manage' },
];

/** Sticky at the top; its navigation moves to the foot of the screen on phones. */
export function Header() {
  const current = session.value;
  return (
    <header class="header">
      <div class="header-row">
        <a class="header-home" href={href({ page: 'photos', filter: 'all' })}>
          <Logo />
        </a>
        <nav class="tabs" aria-label={texts.nav.label}>
          {TABS.filter(({ permission }) => may(permission)).map(({ icon, target }) => (
            <a
              key={icon}
              class="tab"
              href={href(target)}
              aria-current={isShown(target) ? 'page' : undefined}
            >
              <Icon name={icon} />
              {texts.nav[target.page]}
            </a>
          ))}
        </nav>
        <LiveState />
        {current.state === 'in' && (
          <button
            type="button"
            class="button button-quiet header-sign-out"
            title={texts.signedInAs(current.me.name)}
            aria-label={texts.signOut}
            onClick={() => void signOut()}
          >
            <Icon name="out" />
            <span class="widest-only">{texts.signOut}</span>
          </button>
        )}
      </div>
      {serverCount.value === 0 && (
        <p class="banner" role="status">
          {texts.live.noServers}
        </p>
      )}
    </header>
  );
}

function isShown({ page }: Route): boolean {
  const shown = route.value.page;
  return page === (shown === 'photo' ? 'photos' : shown);
}

function LiveState() {
  const state = liveState.value;
  const hint = state === 'live' ? texts.live.liveHint : texts.live.lostHint;
  return (
    <span class={`live live-${state}`} role="status" title={hint}>
      <span class="live-dot" aria-hidden="true" />
      {texts.live[state]}
    </span>
  );
}
