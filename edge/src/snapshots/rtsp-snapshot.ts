import type { Snapshot } from '../config-file/file-schema.ts';
import type { Taken } from './http-snapshot.ts';
import { MissedShot } from './missed.ts';
import { readSecret } from './secret.ts';

/** ffmpeg where it is installed; null: RTSP cameras cannot be asked. */
export function findFfmpeg(): string | null {
  return Bun.which('ffmpeg');
}

export function isRtsp(url: string): boolean {
  return /^rtsps?:/.test(url);
}

const OPTIONS = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-threads', '1'];
const ONE_FRAME = ['-frames:v', '1', '-f', 'image2', '-c:v', 'mjpeg', '-q:v', '2', 'pipe:1'];

/**
 * One frame of an RTSP stream as a JPEG, by ffmpeg in a process of its own, which `signal` ends. It
 * takes a password in its address alone, where people on this machine could see it.
 */
export function takeRtspSnapshot(
  snapshot: Snapshot,
  signal: AbortSignal,
  program = findFfmpeg(),
): Taken {
  if (program === null) throw new MissedShot('ffmpeg, which RTSP needs, is not installed');
  const url = new URL(snapshot.url);
  url.username = encodeURIComponent(snapshot.user ?? '');
  if (snapshot.password) url.password = encodeURIComponent(readSecret(snapshot.password));
  const child = Bun.spawn(
    [program, ...OPTIONS, '-rtsp_transport', 'tcp', '-i', url.href, ...ONE_FRAME],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'ignore', env: { PATH: process.env.PATH } },
  );
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  return {
    chunks: (async function* () {
      try {
        for await (const chunk of child.stdout) yield chunk;
        const code = await child.exited;
        if (signal.aborted) throw new MissedShot('the camera did not answer in time');
        if (code !== 0) throw new MissedShot('ffmpeg got no picture from the camera');
      } finally {
        signal.removeEventListener('abort', stop);
        stop();
      }
    })(),
  };
}
