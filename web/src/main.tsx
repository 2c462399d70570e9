import { render } from 'preact';
import { App } from './app.tsx';
import { followAddress } from './router.ts';
import { startSession } from './sign-in/session.ts';
import { startClock } from './ui/time.ts';

followAddress();
startClock();
void startSession();
render(<App />, document.getElementById('app')!);
