import { render } from 'preact';
import { App } from './app.tsx';
import { followAddress } from './route.ts';
import { resume } from './session.ts';
import { waitingHere } from './shoot/sendings.ts';
import { resumeKept } from './shoot/uploads.ts';

followAddress();
void resume();
void resumeKept();
addEventListener('beforeunload', (event) => {
  if (waitingHere.value.some(({ kept }) => kept !== 'yes')) event.preventDefault();
});
render(<App />, document.getElementById('app')!);
