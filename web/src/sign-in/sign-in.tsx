import type { ApiProblem } from '../api/problem.ts';
import { Logo } from '../shell/logo.tsx';
import { texts } from '../texts.ts';
import { resume } from './session.ts';

/** What people without a session see: how to get one. */
export function SignIn({ problem }: { readonly problem?: ApiProblem | undefined }) {
  return (
    <main class="sign-in">
      <div class="panel sign-in-card">
        <Logo />
        <h1>{texts.signIn.title}</h1>
        <p>{texts.signIn.intro}</p>
        {problem && (
          <div class="notice notice-bad" role="alert">
            <strong>{texts.signIn.failed}</strong>
            <span>{problem.status === 0 ? problem.message : texts.signIn.used}</span>
          </div>
        )}
        <p>{texts.signIn.how}</p>
        <pre class="command">
          <code>{texts.signIn.command}</code>
        </pre>
        <p class="quiet">
          {texts.signIn.howDemo} {texts.signIn.once}
        </p>
      </div>
    </main>
  );
}

export function Unreachable({ problem }: { readonly problem: ApiProblem }) {
  return (
    <main class="sign-in">
      <div class="panel sign-in-card" role="alert">
        <Logo />
        <h1>{problem.message}</h1>
        <p>{problem.hint}</p>
        <button type="button" class="button button-main" onClick={() => void resume()}>
          {texts.tryAgain}
        </button>
      </div>
    </main>
  );
}
