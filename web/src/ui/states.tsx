import type { ComponentChildren } from 'preact';
import type { ApiProblem } from '../api/problem.ts';
import { texts } from '../texts.ts';
import { Icon } from './icon.tsx';

/** Whole-page states: on the way, nothing there, gone wrong. */

export function Loading({ label }: { readonly label: string }) {
  return (
    <div class="state" role="status">
      <span class="spinner" aria-hidden="true" />
      <span>{label}</span>
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly hint: string;
  readonly children?: ComponentChildren;
}

export function Empty({ title, hint, children }: EmptyProps) {
  return (
    <div class="state">
      <Icon name="sprout" size={40} />
      <strong>{title}</strong>
      <span>{hint}</span>
      {children}
    </div>
  );
}

interface FailedProps {
  readonly problem: ApiProblem;
  readonly onRetry: () => void;
}

export function Failed({ problem, onRetry }: FailedProps) {
  return (
    <div class="state state-bad" role="alert">
      <Icon name="warning" size={32} />
      <strong>{problem.message}</strong>
      {problem.hint && <span>{problem.hint}</span>}
      <button type="button" class="button" onClick={onRetry}>
        {texts.tryAgain}
      </button>
    </div>
  );
}
