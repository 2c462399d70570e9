import type { Lifecycle } from '@demeter/common/lifecycle';

/**
 * With `--stop-with-parent`, stops this process when its stdin ends: the kernel closes the pipe when
 * the parent dies, however it dies.
 */
export function stopWithParent(lifecycle: Lifecycle): void {
  if (!process.argv.includes('--stop-with-parent')) return;
  process.stdin.on('end', () => void lifecycle.stop('parent gone'));
  process.stdin.resume();
}
