import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { BoxesPage } from './boxes/boxes-page.tsx';
import { startLive } from './live/live.ts';
import { MapPage } from './map/map-page.tsx';
import { PhotoPage } from './photo/photo-page.tsx';
import { PhotosPage } from './photos/photos-page.tsx';
import { route } from './router.ts';
import { ServersPage } from './servers/servers-page.tsx';
import { Header } from './shell/header.tsx';
import { notice } from './shell/notice.ts';
import { session } from './sign-in/session.ts';
import { SignIn, Unreachable } from './sign-in/sign-in.tsx';
import { StockPage } from './stock/stock-page.tsx';
import { texts } from './texts.ts';
import { Loading } from './ui/states.tsx';

export function App() {
  const current = session.value;
  return (
    <>
      {current.state === 'starting' && <Loading label={texts.loading} />}
      {current.state === 'out' && <SignIn problem={current.problem} />}
      {current.state === 'unreachable' && <Unreachable problem={current.problem} />}
      {current.state === 'in' && <SignedIn />}
      <Foot />
    </>
  );
}

function SignedIn() {
  useEffect(startLive, []);
  useSignalEffect(() => {
    document.title = `${texts.nav[route.value.page]} · ${texts.product}`;
    scrollTo(0, 0);
  });
  return (
    <>
      <button type="button" class="skip" onClick={toContent}>
        {texts.skipToContent}
      </button>
      <Header />
      <main class="page" id="content" tabIndex={-1}>
        <Page />
      </main>
    </>
  );
}

function Page() {
  const current = route.value;
  switch (current.page) {
    case 'photos':
      return <PhotosPage filter={current.filter} locationId={current.locationId} />;
    case 'photo':
      return <PhotoPage key={current.photoId} photoId={current.photoId} />;
    case 'map':
      return <MapPage locationId={current.locationId} />;
    case 'stock':
      return <StockPage />;
    case 'servers':
      return <ServersPage />;
    case 'boxes':
      return <BoxesPage />;
    default:
      return current satisfies never;
  }
}

function Foot() {
  const current = notice.value;
  return (
    <div class="notices" role="status" aria-live="polite">
      {current && (
        <div class={`notice notice-${current.tone}`}>
          <strong>{current.text}</strong>
          {current.hint && <span>{current.hint}</span>}
        </div>
      )}
    </div>
  );
}

function toContent(): void {
  document.getElementById('content')?.focus();
}
