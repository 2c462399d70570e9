import { href } from '../router.ts';
import { texts } from '../texts.ts';
import { clearUploads, retryUpload, type Upload, uploads, uploadsOpen } from './uploads.ts';

/** Files on their way, refused ones with the reason. */
export function UploadList() {
  const all = uploads.value;
  if (all.length === 0) return null;
  const done = all.filter(({ state }) => state === 'done' || state === 'known').length;
  return (
    <section class="panel uploads" aria-label={texts.upload.title}>
      <div class="uploads-head">
        <strong role="status">{texts.upload.summary(done, all.length)}</strong>
        {!uploadsOpen.value && (
          <button type="button" class="button button-quiet" onClick={clearUploads}>
            {texts.upload.clear}
          </button>
        )}
      </div>
      <ul>
        {all.map((upload) => (
          <Row key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  );
}

function Row({ upload }: { readonly upload: Upload }) {
  const { file, state, share, photoId, problem } = upload;
  return (
    <li class="upload">
      <span class="upload-name">
        {photoId ? <a href={href({ page: 'photo', photoId })}>{file.name}</a> : file.name}
      </span>
      <span class={`upload-state ${state === 'failed' ? 'tone-bad' : 'quiet'}`}>
        {state === 'sending' ? texts.upload.sending(share) : texts.upload[state]}
      </span>
      {state === 'sending' && <progress value={share} max={1} aria-label={file.name} />}
      {problem && (
        <span class="upload-problem">
          {problem.message} {problem.hint}
        </span>
      )}
      {state === 'failed' && (
        <button type="button" class="button button-quiet" onClick={() => retryUpload(upload.id)}>
          {texts.tryAgain}
        </button>
      )}
    </li>
  );
}
