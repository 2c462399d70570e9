import { useEffect } from 'preact/hooks';
import { Logo } from '../../src/shell/logo.tsx';
import { Icon, type IconName } from '../../src/ui/icon.tsx';
import { BoxPage } from './box/box-page.tsx';
import { reached, startLooking } from './box-state.ts';
import { PairPage } from './pair/pair-page.tsx';
import { PhotosPage } from './photos/photos-page.tsx';
import { VIEWS, view } from './route.ts';
import { resume, session } from './session.ts';
import { ShootPage } from './shoot/shoot-page.tsx';
import { WaitingHere } from './shoot/waiting-here.tsx';
import { texts } from './texts.ts';

export function App() {
  const { state } = session.value;
  if (state === 'in') return <Paired />;
  if (state === 'out') return <PairPage />;
  return (
    <main>
      <div class="state" role="status">
        {state === 'lost' ? (
          <>
            <Icon name="warning" size={40} />
            <strong>{texts.lost.title}</strong>
            <WaitingHere />
            <button type="button" class="button button-main" onClick={() => void resume()}>
              {texts.tryAgain}
            </button>
          </>
        ) : (
          <span>{texts.loading}</span>
        )}
      </div>
    </main>
  );
}

const PAGES = { shoot: ShootPage, photos: PhotosPage, box: BoxPage } as const;
const ICONS = { shoot: 'camera', photos: 'picture', box: 'box' } as const satisfies Record<
  string,
  IconName
>;

function Paired() {
  useEffect(startLooking, []);
  const current = view.value;
  useEffect(() => {
    document.title = `${texts.nav[current]} · ${texts.box}`;
    scrollTo(0, 0);
  }, [current]);
  const Page = PAGES[current];
  return (
    <>
      <button
        type="button"
        class="skip"
        onClick={() => document.getElementById('content')?.focus()}
      >
        {texts.skip}
      </button>
      <header class="header">
        <div class="header-row">
          <Logo />
          <nav class="tabs" aria-label={texts.nav.label}>
            {VIEWS.map((name) => (
              <a
                key={name}
                class="tab"
                href={`#/${name}`}
                aria-current={name === current ? 'page' : undefined}
              >
                <Icon name={ICONS[name]} size={26} />
                {texts.nav[name]}
              </a>
            ))}
          </nav>
        </div>
        {!reached.value && (
          <p class="banner lost" role="alert">
            <strong>{texts.lost.title}</strong> {texts.lost.hint}
          </p>
        )}
      </header>
      <main class="page" id="content" tabIndex={-1}>
        <Page />
      </main>
    </>
  );
}
