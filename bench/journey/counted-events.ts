interface PhotoEvent {
  readonly photo_id: string;
  readonly session_state: string;
  readonly detected: number | null;
}

/** Hears from the core which photos are counted; asking again and again would cost it work. */
export class CountedEvents {
  readonly #counted = new Map<string, PromiseWithResolvers<void>>();
  readonly #stream = new AbortController();

  static async open(core: string, token: string): Promise<CountedEvents> {
    const events = new CountedEvents();
    const answer = await fetch(`${core}/api/v1/events`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
      signal: events.#stream.signal,
    });
    if (!answer.ok || !answer.body) throw new Error(`no events: ${answer.status}`);
    void events.#read(answer.body);
    return events;
  }

  /** Resolves when the photo's count stands; rejects where it failed. */
  async counted(photoId: string): Promise<void> {
    await this.#entry(photoId).promise;
  }

  close(): void {
    this.#stream.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of body) {
        text += decoder.decode(chunk, { stream: true });
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) if (line.startsWith('data: {')) this.#take(line.slice(6));
      }
    } catch (error) {
      if (!this.#stream.signal.aborted) throw error;
    }
  }

  #take(json: string): void {
    const event = JSON.parse(json) as Partial<PhotoEvent>;
    if (event.photo_id === undefined) return;
    const entry = this.#entry(event.photo_id);
    if (event.session_state === 'failed') entry.reject(new Error('the photo was not counted'));
    else if (typeof event.detected === 'number') entry.resolve();
  }

  #entry(photoId: string): PromiseWithResolvers<void> {
    const known = this.#counted.get(photoId);
    if (known) return known;
    const entry = Promise.withResolvers<void>();
    // Nobody may be waiting for it yet.
    entry.promise.catch(() => {});
    this.#counted.set(photoId, entry);
    return entry;
  }
}
