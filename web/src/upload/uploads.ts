import { computed, signal } from '@preact/signals';
import { csrfHeaders } from '../api/client.ts';
import { ApiProblem, toProblem } from '../api/problem.ts';

export const UPLOADS_MAX = 100;
/** More at once only makes each slower. */
const AT_ONCE = 2;

/** States: waiting → sending → done | known | failed; failed → waiting by retry. */
export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly locationId: string;
  readonly state: 'waiting' | 'sending' | 'done' | 'known' | 'failed';
  /** 0–1 of the bytes. */
  readonly share: number;
  readonly photoId?: string;
  readonly problem?: ApiProblem;
}

export const uploads = signal<readonly Upload[]>([]);
export const uploadsOpen = computed(() => uploads.value.some((upload) => isOpen(upload)));

let nextId = 1;

/** Sends files one after the other; those beyond UPLOADS_MAX are left out and counted. */
export function addUploads(files: readonly File[], locationId: string): number {
  const taken = files.slice(0, UPLOADS_MAX);
  const added = taken.map(
    (file): Upload => ({ id: nextId++, file, locationId, state: 'waiting', share: 0 }),
  );
  uploads.value = [...added, ...uploads.value];
  sendNext();
  return files.length - taken.length;
}

export function retryUpload(id: number): void {
  change(id, { state: 'waiting', share: 0 });
  sendNext();
}

export function clearUploads(): void {
  uploads.value = uploads.value.filter(isOpen);
}

function isOpen({ state }: Upload): boolean {
  return state === 'waiting' || state === 'sending';
}

function sendNext(): void {
  const sending = uploads.value.filter(({ state }) => state === 'sending').length;
  const waiting = uploads.value.filter(({ state }) => state === 'waiting').reverse();
  for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - sending))) send(upload);
}

/** By XMLHttpRequest: fetch does not tell how much of a body is sent. */
function send({ id, file, locationId }: Upload): void {
  change(id, { state: 'sending' });
  const form = new FormData();
  // Before the file: a streaming reader knows the place when the bytes come.
  if (locationId) form.append('location_id', locationId);
  form.append('photo', file, file.name);
  const request = new XMLHttpRequest();
  request.open('POST', '/api/v1/photos');
  request.responseType = 'json';
  for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value);
  request.upload.onprogress = ({ loaded, total }) => change(id, { share: loaded / total });
  request.onload = () => {
    const { status, response } = request;
    if (status === 201 || status === 200) {
      const state = status === 201 ? 'done' : 'known';
      change(id, { state, share: 1, photoId: response.photo_id });
    } else {
      change(id, { state: 'failed', problem: toProblem(response, status) });
    }
    sendNext();
  };
  request.onerror = () => {
    change(id, { state: 'failed', problem: ApiProblem.unreachable(undefined) });
    sendNext();
  };
  request.send(form);
}

function change(id: number, fields: Partial<Upload>): void {
  uploads.value = uploads.value.map((upload) =>
    upload.id === id ? { ...upload, ...fields } : upload,
  );
}
