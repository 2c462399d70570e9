import { render } from 'preact';
import { App } from './app.tsx';
import { followAddress } from './route.ts';
import { resume } from './session.ts';

followAddress();
void resume();
render(<App />, document.getElementById('app')!);
